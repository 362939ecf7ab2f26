/** What a reason for a difference is, and comparisons that several of them make. */
import type { Beside } from '../docker-peer.ts';

export interface Reason {
  /** What differs, in a few words. */
  readonly what: string;
  readonly why: string;
  readonly place: RegExp;
  /** What Docker and Seaway have there, as JSON; '' for nothing. Anything where absent. */
  readonly docker?: RegExp;
  readonly seaway?: RegExp;
  /** Beside which Dockers; all where absent. */
  readonly beside?: Beside;
  /** What else must be true of the two. */
  readonly agree?: (docker: string, seaway: string) => boolean;
}

export const nothing = /^$/;
export const said = /^commands\..*\.stderr$/;

/** The lines of a file or of an answer; of anything else, the whole. */
function lines(text: string): readonly string[] {
  const value: unknown = text === '' ? [] : JSON.parse(text);
  return Array.isArray(value) ? value : value === null ? [] : [text];
}

/** Without the lines that match, both are the same. */
export const besides =
  (own: RegExp) =>
  (docker: string, seaway: string): boolean => {
    const [theirs, ours] = [docker, seaway].map((text) => lines(text).filter((line) => !own.test(line)));
    return JSON.stringify(theirs) === JSON.stringify(ours);
  };

/** The lines of a resolv.conf that programs read are the same, in any order. */
export const sameSettings = (docker: string, seaway: string): boolean => {
  const [theirs, ours] = [docker, seaway].map((text) =>
    lines(text)
      .filter((line) => !/^(#.*)?$/.test(line))
      .sort(),
  );
  return JSON.stringify(theirs) === JSON.stringify(ours);
};

export const sameButHostNames = besides(/\t(host|gateway)\.docker\.internal/);
