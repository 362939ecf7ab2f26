/**
 * The parent of macvlan and ipvlan endpoints (`-o parent=`): a link of the host, an 802.1q
 * sub-interface of one (`eth0.10`, made with the network if it is missing), or a dummy where none is named.
 * A link that existed before lacks the engine's alias and is never removed.
 */
import { fail } from '../errors.ts';
import type { RequestContext } from '../model/driver.ts';
import type { Network } from '../model/network.ts';
import { isLinkName } from '../net/link-name.ts';
import type { KernelObject } from '../objects/object.ts';
import { networkOwner } from '../objects/owner.ts';

/** Drivers with parents, and Docker's prefix for the dummy that replaces a missing parent. */
const standIns = { macvlan: 'dm-', ipvlan: 'di-' } as const;

export type ParentDriver = keyof typeof standIns;

const onParents: readonly string[] = Object.keys(standIns);

export interface ParentOptions {
  /** As asked; '' for none. */
  readonly parent: string;
  /** 0 where it is left open. */
  readonly mtu: number;
}

interface Vlan {
  readonly parent: string;
  readonly id: string;
}

/** Splits `eth0.10`; undefined for a name without a dot. */
function readVlan(name: string): Vlan | undefined {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? undefined : { parent: name.slice(0, dot), id: name.slice(dot + 1) };
}

const isVlanId = (text: string): boolean => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 4094;

/** Name of the parent; a prefix and 12 digits of the network's id where none is named. */
export const parentName = (networkId: string, { parent }: ParentOptions, driver: ParentDriver): string =>
  parent || standInName(networkId, driver);

const standInName = (networkId: string, driver: ParentDriver): string =>
  `${standIns[driver]}${networkId.slice(0, 12)}`;

/** Throws NETWORK_OPTION_INVALID in Docker's words. */
export function validateParent(parent: string, driver: ParentDriver, context: RequestContext): void {
  if (!parent) return;
  const refuse = (why: string): Error => fail('NETWORK_OPTION_INVALID', why);
  if (parent === 'lo') throw refuse(`loopback interface is not a valid ${driver} parent link`);
  if (context.hasLink(parent)) return;
  const vlan = readVlan(parent);
  if (!vlan || !isLinkName(parent))
    throw refuse(`invalid subinterface vlan name ${parent}, example formatting is eth0.10`);
  if (!/^[+-]?\d+$/.test(vlan.id))
    throw refuse(`unable to parse a valid vlan id from: ${vlan.id} (ex. eth0.10 for vlan 10)`);
  if (!context.hasLink(vlan.parent))
    throw refuse(`-o parent interface was not found on the host: ${vlan.parent}`);
  if (!isVlanId(vlan.id)) throw refuse(`vlan id must be between 1-4094, received: ${vlan.id}`);
}

/** Networks with the same parent. */
export function sharingParent(parent: string, { networks }: RequestContext): readonly Network[] {
  if (!parent) return [];
  return [...networks].filter((other) => isOnParent(other) && other.parsed.driver.parent === parent);
}

const isOnParent = (network: Network): network is Network<ParentOptions> =>
  onParents.includes(network.driver) && !network.configOnly;

/** Docker's error for a parent that another network uses and does not share. */
export const parentInUse = (parent: string, { id, driver }: Network): Error =>
  fail(
    'NETWORK_CONFLICT',
    `network ${standInName(id, driver as ParentDriver)} is already using parent interface ${parent}`,
  );

/** The parent, where the engine makes it. */
export function planParent(network: Network<ParentOptions>): readonly KernelObject[] {
  const { link: name, parsed } = network;
  const { parent, mtu } = parsed.driver;
  const common = { kind: 'link', ns: 'host', name, owner: networkOwner(network.id) } as const;
  if (!parent) return [{ ...common, type: 'dummy', mtu }];
  const vlan = readVlan(name);
  if (!vlan || !isVlanId(vlan.id)) return [];
  return [{ ...common, type: 'vlan', mtu: 0, parent: vlan.parent, vlan: Number(vlan.id) }];
}
