/** A view with some changes on top, the view itself untouched: how it was before, or how it would be. */
import type { Endpoint } from './endpoint.ts';
import { hostLinksOf } from './host-links.ts';
import { isRecipient } from './links.ts';
import type { Sandbox } from './sandbox.ts';
import { type Change, keyOf, type TableName, type Tables, type View } from './tables.ts';

const isParkedUnder =
  (owner: string) =>
  ({ parked }: Sandbox): boolean =>
    parked?.containerId === owner || parked?.name === owner;

/** Cost of a look-up: that of the view below plus the number of changes. */
export function overlay(below: View, changes: readonly Change[]): View {
  // the last change of a record is the one that counts
  const changed = new Map<string, Change>();
  for (const change of changes) {
    const key = 'remove' in change ? change.remove : keyOf(change.table, change.put);
    changed.set(`${change.table} ${key}`, change);
  }
  const get = <T extends TableName>(table: T, key: string): Tables[T] | undefined => {
    const change = changed.get(`${table} ${key}`);
    if (!change) return below.get(table, key);
    return 'put' in change ? (change.put as Tables[T]) : undefined;
  };
  const put = <T extends TableName>(table: T): Tables[T][] =>
    Array.from(changed.values()).flatMap((change) =>
      'put' in change && change.table === table ? [change.put as Tables[T]] : [],
    );
  const known = <T extends TableName>(table: T, records: Iterable<Tables[T]>): Tables[T][] =>
    Array.from(records).filter((record) => !changed.has(`${table} ${keyOf(table, record)}`));
  const named = <T extends 'networks' | 'containers'>(
    table: T,
    name: string,
    found: Tables[T] | undefined,
  ): Tables[T] | undefined =>
    put(table).find((record) => record.name === name) ??
    (found && !changed.has(`${table} ${found.id}`) ? found : undefined);
  const endpoints = (found: readonly Endpoint[], mine: (endpoint: Endpoint) => boolean): Endpoint[] =>
    [...known('endpoints', found), ...put('endpoints').filter(mine)].sort((a, b) => a.order - b.order);

  return {
    get,
    all: (table) => [...known(table, below.all(table)), ...put(table)],
    networkByName: (name) => named('networks', name, below.networkByName(name)),
    containerByName: (name) => named('containers', name, below.containerByName(name)),
    networksOfLink: (link) =>
      [...known('networks', below.networksOfLink(link)), ...put('networks')].filter((one) =>
        hostLinksOf(below.drivers, one).includes(link),
      ),
    endpointsOfNetwork: (id) => endpoints(below.endpointsOfNetwork(id), (one) => one.networkId === id),
    endpointsOfSandbox: (id) => endpoints(below.endpointsOfSandbox(id), (one) => one.sandboxId === id),
    sandboxOfContainer: (id) => {
      const found = put('sandboxes').find(({ containerId }) => containerId === id);
      const old = below.sandboxOfContainer(id);
      const now = old && get('sandboxes', old.id);
      return found ?? (now?.containerId === id ? now : undefined);
    },
    containersOfSandbox: (id) =>
      [...known('containers', below.containersOfSandbox(id)), ...put('containers')].filter(
        ({ sandboxId }) => sandboxId === id,
      ),
    linkedContainers: () => [
      ...known('containers', below.linkedContainers()),
      ...put('containers').filter(isRecipient),
    ],
    parkedSandbox: (owner) => {
      const old = below.parkedSandbox(owner);
      const now = old && get('sandboxes', old.id);
      return (
        put('sandboxes').find(isParkedUnder(owner)) ?? (now && isParkedUnder(owner)(now) ? now : undefined)
      );
    },
    drivers: below.drivers,
    leases: below.leases,
    ports: below.ports,
    macs: below.macs,
    extensions: below.extensions,
  };
}
