/** The desired objects of a scope, from the model and the facts. Pure. */

import { fail } from '../errors.ts';
import type { NetworkMembers } from '../model/driver.ts';
import { accessLinkOf } from '../model/host-links.ts';
import type { Network } from '../model/network.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { View } from '../model/tables.ts';
import { familyOf } from '../net/family.ts';
import type { Facts, KernelObject, SysctlObject, VirtualAddress, VirtualObject } from '../objects/object.ts';
import { networkOwner } from '../objects/owner.ts';
import { sysctlPath } from '../objects/sysctl.ts';
import { planAccess } from '../policy/compile.ts';
import { meshMembers } from './plan-mesh.ts';
import { planRates } from './plan-rates.ts';

/**
 * Empty for a network that is not in the model, or that only carries settings. Throws OPTIONS_UNREADABLE: it
 * stays as it is in the kernel, degraded.
 */
export function planNetworkScope(view: View, networkId: string, facts: Facts): readonly KernelObject[] {
  const network = view.get('networks', networkId);
  const invalid = network?.parsed.invalid;
  if (network && invalid !== undefined) throw fail('OPTIONS_UNREADABLE', `network ${network.name}`, invalid);
  return objectsOfNetwork(view, networkId, facts);
}

/** As `planNetworkScope`, also where its options cannot be read: what it has in the kernel is its own all the same. */
export function objectsOfNetwork(view: View, networkId: string, facts: Facts): readonly KernelObject[] {
  const network = view.get('networks', networkId);
  if (!network || network.configOnly) return [];
  const fanouts = [...view.fanouts.loads(networkId).keys()].filter(Boolean).sort();
  const driver = view.drivers.find(network.driver);
  const objects = driver.planNetwork(network, facts, { fanouts, ...membersOf(view, network) });
  const owner = networkOwner(oldestOfLink(view, network).id);
  const own = objects.map((object) =>
    object.kind === 'link' && object.name === network.link ? { ...object, owner } : object,
  );
  if (!accessLinkOf(view.drivers, network)) return own;
  return [...own, ...(driver.hostAccess?.planRoutes(network, view.endpointsOfNetwork(networkId)) ?? [])];
}

/** Only what networks of a cluster follow: others have many endpoints that their links do not depend on. */
const membersOf = (view: View, { id, overlay, ingress }: Network): Omit<NetworkMembers, 'fanouts'> =>
  overlay
    ? {
        endpoints: view.endpointsOfNetwork(id).length,
        peers: view.peersOfNetwork(id),
        nodes: [...view.all('nodes')],
        ...(ingress && { mesh: meshMembers(view) }),
      }
    : {};

/** A link that several networks share (a VLAN sub-interface) belongs to the oldest of them. */
function oldestOfLink(view: View, network: Network): Network {
  if (!network.link || !view.drivers.find(network.driver).sharesLink) return network;
  let oldest = network;
  for (const other of view.networksOfLink(network.link)) if (older(other, oldest)) oldest = other;
  return oldest;
}

const older = (a: Network, b: Network): boolean =>
  a.created < b.created || (a.created === b.created && a.id < b.id);

/** Empty for a sandbox that is not in the model or shares the host's namespace. Throws OPTIONS_UNREADABLE. */
export function planSandboxScope(view: View, sandboxId: string, facts: Facts): readonly KernelObject[] {
  const sandbox = view.get('sandboxes', sandboxId);
  if (!sandbox || sandbox.kind === 'host') return [];
  const endpoints = view.endpointsOfSandbox(sandboxId).flatMap((endpoint) => {
    const network = view.get('networks', endpoint.networkId);
    if (!network) return [];
    const { name, invalid } = endpoint;
    if (invalid !== undefined)
      throw fail('OPTIONS_UNREADABLE', `${name} on network ${network.name}`, invalid);
    const objects = view.drivers.find(network.driver).planEndpoint({ network, endpoint, sandbox, facts });
    return [...objects, ...planRates(endpoint, objects)];
  });
  const access = planAccess(view, sandboxId);
  return [
    ...planNamespace(sandbox),
    ...(access ? [access] : []),
    ...unasked(sandbox, endpoints),
    ...virtualAddresses(view, sandboxId),
  ];
}

/** Drops sysctls that the user sets, whose values win. */
function unasked(sandbox: Sandbox, objects: readonly KernelObject[]): readonly KernelObject[] {
  const asked = new Set(Object.keys(sandbox.sysctls).map(sysctlPath));
  return objects.filter(
    (object) => !(object.kind === 'sysctl' && object.ns === sandbox.id && asked.has(object.key)),
  );
}

/**
 * Objects of a namespace independent of endpoints. In an external namespace only `lo` is brought up, for the
 * resolver.
 */
function planNamespace(sandbox: Sandbox): readonly KernelObject[] {
  const loopback = { kind: 'link', type: 'loopback', ns: sandbox.id, name: 'lo', owner: '', mtu: 0 } as const;
  if (sandbox.kind === 'external') return sandbox.resolver ? [loopback] : [];
  const values: Record<string, string> = {
    // lets TCP find a working segment size where a path drops large packets and the ICMP messages about them
    // (RFC 4821; tcp_mtu_probing of Documentation/networking/ip-sysctl)
    'net/ipv4/tcp_mtu_probing': '1',
  };
  for (const [key, value] of Object.entries(sandbox.sysctls)) values[sysctlPath(key)] = value;
  const sysctls = Object.entries(values).map(
    ([key, value]): SysctlObject => ({ kind: 'sysctl', ns: sandbox.id, key, value }),
  );
  return [loopback, ...sysctls];
}

/** Of the services on its networks. */
function virtualAddresses(view: View, sandboxId: string): readonly VirtualObject[] {
  const networks = new Set(view.endpointsOfSandbox(sandboxId).map(({ networkId }) => networkId));
  const services = [...networks].flatMap((id) => view.servicesOfNetwork(id));
  const addresses = services.flatMap(({ addresses, backends }) =>
    addresses.map((address): VirtualAddress => {
      const of = (isOpen: boolean): readonly string[] =>
        backends
          .filter(({ open }) => open === isOpen)
          .flatMap((one) => one.addresses.filter((each) => familyOf(each) === familyOf(address)))
          .sort();
      return { address, open: of(true), draining: of(false) };
    }),
  );
  // that there are none is planned too, where there may have been some
  const isOfSwarm = [...networks].some((id) => view.get('networks', id)?.scope === 'swarm');
  return isOfSwarm ? [{ kind: 'virtual', ns: sandboxId, addresses }] : [];
}
