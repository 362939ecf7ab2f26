/** What can be asked of the engine itself. */

export interface SystemVerbs {
  /** The `/info` answer's facts that are not counts of the model, in the API's own words. */
  info(): Promise<Readonly<Record<string, unknown>>>;
  version(): Promise<{
    readonly version: string;
    readonly runc: string;
    readonly conmon: string;
    readonly kernel: string;
    readonly arch: string;
    readonly buildTime: string;
    readonly gitCommit: string;
  }>;
}
