/** From format 3 to 4: records in the words of the source. */
import type { Migration, Snapshot } from './migration.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Namespaces that others made were called foreign. */
const withKind = (sandbox: Fields): Fields =>
  sandbox.kind === 'foreign' ? { ...sandbox, kind: 'external' } : sandbox;

/** Fanouts were called extensions, and what was asked of an endpoint `ask`. */
const withSpec = ({ extension, ask, ...endpoint }: Fields): Fields => ({
  ...endpoint,
  ...(extension !== undefined && { fanout: extension }),
  spec: ask,
});

function change(before: Snapshot): Snapshot {
  const { endpoints = [], sandboxes = [] } = before;
  return { ...before, endpoints: endpoints.map(withSpec), sandboxes: sandboxes.map(withKind) };
}

export const specs: Migration = {
  to: 4,
  what: 'records are in the words of the source: external namespaces, fanouts, specs',
  change,
};
