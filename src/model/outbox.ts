/**
 * What plugins are still to be asked: to take back what they were given. An entry is written before the plugin is asked
 * for anything, or with the removal of what it was asked for, and removed once the plugin has done it.
 */
import type { Generators } from './generators.ts';

export type PluginRole = 'NetworkDriver' | 'IpamDriver' | 'VolumeDriver';

/** One request to a plugin. */
export interface PluginCall {
  /** Name of the plugin. */
  readonly plugin: string;
  readonly role: PluginRole;
  /** `NetworkDriver.DeleteEndpoint`. */
  readonly method: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface OutboxEntry extends PluginCall {
  /** Sorts in the order in which entries are worked off. */
  readonly id: string;
  /** What it is about: `endpoint:ID`, `network:ID`, `volume:NAME`. */
  readonly about: string;
  /** RFC 3339. */
  readonly since: string;
  /**
   * `asked`: written before the plugin was asked, and nobody knows whether it has done anything. `given`: it has, for
   * something that is not on record yet. `due`: what it gave is not wanted any more.
   */
  readonly state: 'asked' | 'given' | 'due';
  /** What the engine has chosen for a request that waits for the plugin, and gives to nobody else meanwhile. */
  readonly holds?: Holding;
}

export interface Holding {
  /** CIDR. */
  readonly subnets?: readonly string[];
  readonly networkId?: string;
  /** With prefix length. */
  readonly addresses?: readonly string[];
}

/** What ids and times of entries come from. */
export type OutboxGenerators = Pick<Generators, 'id' | 'now'>;

const numbered = (now: string, index: number, random: string): string =>
  `${now} ${String(index).padStart(3, '0')} ${random.slice(0, 8)}`;

/** Entries for calls that are to be made in this order. */
export function entriesFor(
  about: string,
  calls: readonly PluginCall[],
  generate: OutboxGenerators,
): OutboxEntry[] {
  const now = generate.now();
  return calls.map((call, index) => ({
    ...call,
    ...{ id: numbered(now, index, generate.id()), about, since: now, state: 'due' },
  }));
}

/** The id of the entry for the `count`th request of one preparation: what was asked last is taken back first. */
export const intentId = (began: string, count: number, generate: Pick<OutboxGenerators, 'id'>): string =>
  numbered(began, 999 - count, generate.id());

/** Whether `entry` is for the same object as `earlier`, or takes back what that is a part of: a pool after its addresses. */
export const comesAfter = (entry: OutboxEntry, earlier: OutboxEntry): boolean =>
  earlier.id < entry.id && (entry.about === earlier.about || isPart(earlier, entry));

/** Whether nothing is left of `earlier` once `entry` is done: the plugin may not know it any more. */
export const takesWithIt = (entry: OutboxEntry, earlier: OutboxEntry): boolean =>
  earlier.id < entry.id && isPart(earlier, entry);

/** All that names the whole is among what names the part: the endpoint of a network, the address of a pool. */
const isPart = (part: PluginCall, whole: PluginCall): boolean =>
  part.role === whole.role &&
  Object.entries(whole.body).every(([field, value]) => part.body[field] === value);

export const aboutEndpoint = (id: string): string => `endpoint:${id}`;
export const aboutNetwork = (id: string): string => `network:${id}`;

/** `address` without prefix length. */
export const releaseAddress = (plugin: string, pool: string, address: string): PluginCall => ({
  ...{ plugin, role: 'IpamDriver', method: 'IpamDriver.ReleaseAddress' },
  body: { PoolID: pool, Address: address },
});

export const releasePool = (plugin: string, pool: string): PluginCall => ({
  ...{ plugin, role: 'IpamDriver', method: 'IpamDriver.ReleasePool' },
  body: { PoolID: pool },
});
