/** Which containers a selector means, and where they are. */
import type { Endpoint } from '../model/endpoint.ts';
import type { Network } from '../model/network.ts';
import type { Selector } from '../model/policy.ts';
import type { View } from '../model/tables.ts';
import { bare, contains, parseCidr } from '../net/address.ts';
import { matchesGlob } from './glob.ts';

/** Who is in a namespace, as selectors see them: its containers, or what connected it. */
interface Inhabitant {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

function inhabitants(view: View, sandboxId: string, endpoints: readonly Endpoint[]): readonly Inhabitant[] {
  const containers = view.containersOfSandbox(sandboxId);
  if (containers.length > 0) return containers.map(({ name, config }) => ({ name, labels: config.Labels }));
  const names = new Set(endpoints.map(({ name }) => name));
  return Array.from(names, (name) => ({ name, labels: {} }));
}

const isMeant = ({ container, label }: Selector, { name, labels }: Inhabitant): boolean =>
  (container === undefined || matchesGlob(container, name)) &&
  (label === undefined ||
    (Object.hasOwn(labels, label.name) && (label.value === undefined || labels[label.name] === label.value)));

/** The endpoints of a namespace that a selector means. */
export function selectedEndpoints(view: View, sandboxId: string, selector: Selector): readonly Endpoint[] {
  const endpoints = view.endpointsOfSandbox(sandboxId);
  if (!inhabitants(view, sandboxId, endpoints).some((one) => isMeant(selector, one))) return [];
  const { network } = selector;
  if (network === undefined) return endpoints;
  return endpoints.filter(({ networkId }) => view.get('networks', networkId)?.name === network);
}

/** What was found for the records as they are: many namespaces have the same rules. */
const remembered = new WeakMap<
  View,
  { readonly version: number; readonly found: Map<string, readonly string[]> }
>();

/** Addresses without prefix length, of this host and of others, that a selector means for whoever is on these networks. */
export function selectedAddresses(
  view: View,
  own: ReadonlySet<string>,
  selector: Selector,
): readonly string[] {
  let known = remembered.get(view);
  if (known?.version !== view.version) {
    known = { version: view.version, found: new Map() };
    remembered.set(view, known);
  }
  const key = JSON.stringify([[...own].sort(), selector]);
  const found = known.found.get(key) ?? findAddresses(view, own, selector);
  known.found.set(key, found);
  return found;
}

function findAddresses(view: View, own: ReadonlySet<string>, selector: Selector): readonly string[] {
  const isHere = reachable(view, own);
  const found = new Set<string>();
  for (const { id, kind } of view.all('sandboxes')) {
    if (kind === 'host') continue;
    for (const { networkId, addresses } of selectedEndpoints(view, id, selector))
      for (const address of addresses) if (isHere(networkId, address)) found.add(bare(address));
  }
  // of containers on other hosts the name and the network are known
  if (selector.label === undefined)
    for (const networkId of own) {
      const network = view.get('networks', networkId);
      if (!network || (selector.network !== undefined && network.name !== selector.network)) continue;
      for (const { name, addresses } of view.peersOfNetwork(networkId))
        if (selector.container === undefined || matchesGlob(selector.container, name))
          for (const address of addresses) found.add(bare(address));
    }
  return [...found].sort();
}

/**
 * Whether an address is that container's as seen from these networks. Networks that are not joined may have the same
 * addresses as one that is.
 */
function reachable(view: View, own: ReadonlySet<string>): (networkId: string, address: string) => boolean {
  const pools = [...own].flatMap((id) => blocksOf(view.get('networks', id))).map(parseCidr);
  return (networkId, address) =>
    own.has(networkId) || !pools.some((pool) => contains(pool, parseCidr(address)));
}

/** Subnets of a network. */
export const blocksOf = (network: Pick<Network, 'ipam'> | undefined): readonly string[] =>
  network?.ipam.pools.map(({ subnet }) => subnet) ?? [];

/** The host's addresses as endpoints see them, each with the endpoint's own. */
export const hostAddressesOf = (
  view: View,
  endpoints: readonly Endpoint[],
): readonly { readonly network: string; readonly own: string; readonly host: string }[] =>
  endpoints.flatMap(({ networkId, addresses }) => {
    const network = view.get('networks', networkId);
    if (!network) return [];
    const driver = view.drivers.find(network.driver);
    return addresses.flatMap((own) => {
      const host = driver.hostAddress(network, own);
      return host === undefined ? [] : [{ network: network.name, own: bare(own), host: bare(host) }];
    });
  });
