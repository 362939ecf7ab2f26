/** What the engine with faulty doors and the test that arms it have in common. */

/** One operation at one place of the source: the same operation there is the same point, however often it runs. */
export interface Point {
  readonly door: 'kernel' | 'store' | 'file' | 'program';
  readonly operation: string;
  /** The calls that led there, nearest first. */
  readonly site: string;
}

/** How it fails: with that error, or, of programs alone, by its exit status or by not ending at all. */
export const errorCodes = ['EBUSY', 'ENOSPC', 'EPERM', 'ENOBUFS', 'EMFILE', 'EIO', 'ETIMEDOUT'] as const;
export type ErrorCode = (typeof errorCodes)[number];
export type Failure = ErrorCode | 'exit' | 'hang';

export interface Armed extends Point {
  readonly failure: Failure;
}

/** What the faulty engine tells. */
export interface Told {
  /** In the order in which they were first met. */
  readonly points: readonly Point[];
  /** Those that have failed, by their places in the list of the armed. */
  readonly fired: readonly number[];
  /** Errors that nobody handled, with their stacks. */
  readonly unhandled: readonly string[];
}

/** In this folder: what is armed at the start, and the socket on which the engine is told and asked. */
export const folderVariable = 'FAULTS_FOLDER';
export const armedFile = 'armed.json';
export const controlSocket = 'control.sock';
