/** The LMDB environment of the store. */
import { open, type RootDatabase } from 'lmdb';
import { keepFromChildren } from '../kernel/descriptors.ts';

const common = {
  maxDbs: 64,
  encoding: 'json',
  noMemInit: true,
  // otherwise lmdb makes a promise per batch that nothing awaits, which is unhandled where the commit fails
  eventTurnBatching: false,
} as const;

function environment(path: string, readOnly: boolean): RootDatabase {
  const root = open({ ...common, path, readOnly });
  keepFromChildren();
  // a killed reader would keep its snapshot and its pages for ever
  root.readerCheck();
  return root;
}

/** The folder must exist. */
export const openToWrite = (path: string): RootDatabase => environment(path, false);

/** Throws for a missing store. */
export const openToRead = (path: string): RootDatabase => environment(path, true);
