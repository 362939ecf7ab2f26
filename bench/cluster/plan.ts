/** What the hosts of `bench/cluster-nodes.ts` and their parent share. */
import { createHash } from 'node:crypto';
import type { Peer } from '../../src/model/peer.ts';
import { bare } from '../../src/net/address.ts';

/** What the parent asks for. */
export type Order =
  | { readonly order: 'begin'; readonly url: string; readonly number: number }
  | { readonly order: 'networks'; readonly count: number }
  | {
      readonly order: 'replace';
      readonly count: number;
      readonly networks: number;
      readonly round: number;
      readonly more?: true;
    }
  /** Answers once this host has that. */
  | { readonly order: 'until'; readonly wanted: Wanted }
  | { readonly order: 'own' | 'revision' | 'cost' | 'end' };

/** Digests of all members, of this host's plans, and of names; `revision`: of the store, before which nothing is compared. */
export interface Wanted {
  readonly revision: number;
  readonly members: string;
  readonly planned: string;
  readonly names: string;
}

/** When a host had what is wanted, as time of day in milliseconds, and its processor time since it was last asked. */
export interface Agreed {
  readonly at: number;
  readonly processor: number;
}

export interface Cost {
  /** Of endpoints that this host knows. */
  readonly count: number;
  /** Times that an endpoint had to be asked for once more. */
  readonly again: number;
  /** Megabytes after a collection of garbage: in use by V8, and resident. */
  readonly heap: number;
  readonly rss: number;
  /** The longest turn of the event loop since it was last asked for, in milliseconds. */
  readonly longest: number;
}

export const hexId = (text: string): string => Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64);
export const digest = (lines: Iterable<string>): string =>
  createHash('sha256')
    .update([...lines].sort().join('\n'))
    .digest('hex')
    .slice(0, 16);
export const dataAddress = (number: number): string => `192.0.2.${number + 1}`;

const lineOf = ({ id, networkId, nodeId, mac, addresses, name }: Peer): string =>
  [id, networkId, nodeId, mac, addresses.join(), name].join(' ');

export interface Truth {
  /** All endpoints of all hosts. */
  readonly owned: readonly Peer[];
  readonly revision: number;
  /** Digests that all hosts have in common. */
  readonly common?: Pick<Wanted, 'members' | 'names'>;
}

export const commonOf = (owned: readonly Peer[]): Pick<Wanted, 'members' | 'names'> => ({
  members: digest(owned.map(lineOf)),
  names: digest(owned.map(({ id, addresses: [first = ''] }) => `${id} ${id} ${bare(first)}`)),
});

/** What a host must know. */
export function truthOf(number: number, { owned, revision, common = commonOf(owned) }: Truth): Wanted {
  const here = hexId(`node${number}`);
  const on = new Set(owned.flatMap(({ nodeId, networkId }) => (nodeId === here ? [networkId] : [])));
  const others = owned.filter(({ nodeId, networkId }) => on.has(networkId) && nodeId !== here);
  const planned = others.flatMap(({ networkId, mac, nodeId, addresses }) => [
    `network:${networkId} ${mac} ${dataAddress(numberOf(nodeId))}`,
    ...addresses.map((address) => `network:${networkId} ${bare(address)} ${mac}`),
  ]);
  return { revision, ...common, planned: digest(planned) };
}

export const numberOf = (nodeId: string): number =>
  Number.parseInt(Buffer.from(nodeId, 'hex').toString().replace('node', ''), 10);
