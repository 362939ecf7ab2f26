/** From format 3 to 4: records in the words of the source. */
import type { Migration, Snapshot } from './migration.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Namespaces that others made were called foreign. */
const withKind = (sandbox: Fields): Fields =>
  sandbox.kind === 'foreign' ? { ...sandbox, kind: 'external' } : sandbox;

/** Fanouts were called extensions. */
const withFanout = ({ extension, ...endpoint }: Fields): Fields =>
  extension === undefined ? endpoint : { ...endpoint, fanout: extension };

function change(before: Snapshot): Snapshot {
  const { endpoints = [], sandboxes = [] } = before;
  return { ...before, endpoints: endpoints.map(withFanout), sandboxes: sandboxes.map(withKind) };
}

export const specs: Migration = {
  to: 4,
  what: 'namespaces of others are external, extensions of a bridge are fanouts',
  change,
};
