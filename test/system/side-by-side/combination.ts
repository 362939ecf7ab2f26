/** Something that both engines are asked to do, one command after the other. */
export interface Combination {
  readonly title: string;
  /** Arguments of `docker`, or a request of the API (`POST path JSON`), a line each. */
  readonly commands: readonly string[];
  /** Networks and containers to look at in addition to those that the commands make by name. */
  readonly also?: { readonly networks?: readonly string[]; readonly containers?: readonly string[] };
}

/** The arguments of a container that stays. */
export const run = (flags: string): string => `run -d ${flags} busybox sleep 1000`;
