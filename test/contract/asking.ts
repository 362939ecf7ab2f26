/** How the cases reach an engine: through its API, wherever that is served. */
export interface Reply {
  readonly status: number;
  /** The body, parsed; undefined where it is not JSON. */
  readonly json: unknown;
  readonly text: string;
  /** `message` of an error. */
  readonly message: string;
}

/** `json` is the body. */
export type Asking = (method: string, path: string, json?: unknown) => Promise<Reply>;

/** Names that are in no engine's way. */
export const absent = 'contract-absent';
