/** The LMDB environment of the store. */
import { open, type RootDatabase } from 'lmdb';

const common = {
  maxDbs: 16,
  encoding: 'json',
  noMemInit: true,
  // else lmdb makes a promise for each batch that nobody can wait for: unhandled where the commit fails
  eventTurnBatching: false,
} as const;

function environment(path: string, readOnly: boolean): RootDatabase {
  const root = open({ ...common, path, readOnly });
  // A reader that was killed would keep its snapshot, and the pages of it, for ever.
  root.readerCheck();
  return root;
}

/** The folder must be there. */
export const openToWrite = (path: string): RootDatabase => environment(path, false);

/** Throws if nothing is there yet. */
export const openToRead = (path: string): RootDatabase => environment(path, true);
