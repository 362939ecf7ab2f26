/**
 * From changes of the model to changes of the resolver's records. The cost grows with the change (its endpoints,
 * peers and their sandboxes), not with the host.
 */
import type { Endpoint } from '../model/endpoint.ts';
import { ownAddress } from '../model/leases.ts';
import type { Network } from '../model/network.ts';
import type { Peer } from '../model/peer.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { Change, View } from '../model/tables.ts';
import { gatewayNetwork } from '../model/way-out.ts';
import { bare } from '../net/address.ts';
import { familyOf } from '../net/family.ts';
import { watchedNames } from '../policy/compile.ts';
import { touchedByPolicies } from '../policy/touched.ts';
import { hostNames } from './host-names.ts';
import {
  type NameChange,
  type NameEntry,
  type PrivateName,
  reverseName,
  type SandboxNames,
} from './records.ts';
import { serviceNames } from './service-names.ts';

export interface DeriveOptions {
  /** Answer `host.docker.internal` and `gateway.docker.internal` in every sandbox; default true. */
  readonly hostNames?: boolean;
}

/**
 * Changes that bring the resolver's records from `before` to `after`; `changes` are those between the two views.
 * To derive all records of a model, pass an empty `before` and a `put` of each endpoint, peer and sandbox.
 */
export function deriveNames(
  before: View,
  after: View,
  changes: readonly Change[],
  options: DeriveOptions = {},
): NameChange {
  const touched = touchedBy(before, after, changes);
  const names: NameChange['names'][number][] = [];
  for (const id of touched.endpoints) names.push(...memberChange(id, before, after));
  for (const id of touched.services) names.push(...serviceNames(id, before, after));
  const sandboxes: NameChange['sandboxes'][number][] = [];
  for (const id of touched.sandboxes) {
    const old = sandboxNames(before, id, options);
    const now = sandboxNames(after, id, options);
    if (now && !(old && same(old, now))) sandboxes.push({ id, put: now });
    else if (old && !now) sandboxes.push({ id });
  }
  return { names, sandboxes };
}

/** Ids of the endpoints (also those of other nodes), sandboxes and services whose records may differ. */
function touchedBy(
  before: View,
  after: View,
  changes: readonly Change[],
): {
  readonly endpoints: ReadonlySet<string>;
  readonly sandboxes: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
} {
  const endpoints = new Set<string>();
  const services = new Set<string>();
  const sandboxes = new Set<string>();
  const endpoint = (id: string): void => {
    endpoints.add(id);
    for (const view of [before, after]) {
      const found = view.get('endpoints', id);
      if (found) sandboxes.add(found.sandboxId);
    }
  };
  for (const change of changes) {
    const key = 'put' in change ? idOf(change.put) : change.remove;
    if (change.table === 'endpoints') endpoint(key);
    else if (change.table === 'peers') endpoints.add(key);
    else if (change.table === 'services') services.add(key);
    else if (change.table === 'sandboxes') sandboxes.add(key);
    else if (change.table === 'networks')
      for (const view of [before, after]) {
        for (const { id } of view.endpointsOfNetwork(key)) endpoint(id);
        for (const { id } of view.peersOfNetwork(key)) endpoints.add(id);
      }
  }
  for (const id of touchedByPolicies({ before, after }, changes)) sandboxes.add(id);
  return { endpoints, sandboxes, services };
}

const idOf = (record: object): string => ('id' in record ? String(record.id) : '');

/** What has names in a network: an endpoint, here or on another node. */
interface Member extends Pick<Peer, 'id' | 'networkId' | 'name' | 'dnsNames'> {
  /** Without prefix length; '' for none. */
  readonly ipv4: string;
  readonly ipv6: string;
}

function memberOf(view: View, id: string): Member | undefined {
  const endpoint = view.get('endpoints', id);
  if (endpoint) {
    const ipv6 = hasIPv6(view.get('sandboxes', endpoint.sandboxId)) ? ownAddress(endpoint, 6) : undefined;
    return { ...endpoint, ipv4: bare(ownAddress(endpoint, 4) ?? ''), ipv6: bare(ipv6 ?? '') };
  }
  const peer = view.get('peers', id);
  const addressOf = (family: 4 | 6): string =>
    bare(peer?.addresses.find((address) => familyOf(address) === family) ?? '');
  return peer && { ...peer, ipv4: addressOf(4), ipv6: addressOf(6) };
}

/** The names and addresses of one member that came, went or lead elsewhere now. */
function memberChange(id: string, before: View, after: View): NameChange['names'][number][] {
  const old = memberOf(before, id);
  const now = memberOf(after, id);
  const oldNames = old ? entriesOf(before, old) : new Map<string, NameEntry>();
  const nowNames = now ? entriesOf(after, now) : new Map<string, NameEntry>();
  const changes: NameChange['names'][number][] = [];
  const moved = old && now && old.networkId !== now.networkId;
  if (old)
    for (const name of oldNames.keys())
      if (moved || !nowNames.has(name)) changes.push({ networkId: old.networkId, name, endpointId: id });
  if (now)
    for (const [name, entry] of nowNames) {
      const known = moved ? undefined : oldNames.get(name);
      if (!known || !same(known, entry))
        changes.push({ networkId: now.networkId, name, endpointId: id, entry });
    }
  return changes;
}

/**
 * Names are served on networks whose members reach each other: not on the predefined ones, as in Docker, and not on the one that only
 * leads out, whose addresses say nothing to others.
 */
const isServed = (view: View, { predefined, name }: Network): boolean =>
  !predefined && name !== gatewayNetwork(view.drivers)?.name;

/** All records of one member, by name. */
function entriesOf(view: View, member: Member): Map<string, NameEntry> {
  const entries = new Map<string, NameEntry>();
  const network = view.get('networks', member.networkId);
  if (!network || !isServed(view, network)) return entries;
  const { id, ipv4, ipv6, name } = member;
  const entry: NameEntry = { endpointId: id, ipv4, ipv6, name };
  for (const one of member.dnsNames) if (canBeAsked(one)) entries.set(one.toLowerCase(), entry);
  for (const address of [ipv4, ipv6]) if (address) entries.set(reverseName(address), entry);
  return entries;
}

/** False where a sysctl of the container disables IPv6 on all interfaces. */
const hasIPv6 = (sandbox: Sandbox | undefined): boolean =>
  sandbox?.sysctls['net.ipv6.conf.all.disable_ipv6'] !== '1';

/**
 * Whether a DNS question can have the name: at most 253 bytes (RFC 1035, 3.1). Aliases are not validated in
 * requests, as in Docker, and a long one would exceed LMDB's limit for keys.
 */
const canBeAsked = (name: string): boolean =>
  name.length > 0 && name.length <= 253 && /^[\x21-\x7e]+$/.test(name);

/** What a sandbox sees, or undefined if the embedded resolver does not serve it. */
function sandboxNames(view: View, id: string, options: DeriveOptions): SandboxNames | undefined {
  const sandbox = view.get('sandboxes', id);
  if (!sandbox?.resolver) return undefined;
  const endpoints = [...view.endpointsOfSandbox(id)].sort((a, b) => a.order - b.order);
  const all = endpoints.flatMap((endpoint) => {
    const network = view.get('networks', endpoint.networkId);
    return network ? [{ endpoint, network }] : [];
  });
  const served = all.filter(({ network }) => isServed(view, network));
  const watched = watchedNames(view, id);
  return {
    sandboxId: id,
    path: sandbox.path,
    networks: served.map(({ network }) => ({ id: network.id, name: network.name })),
    privateNames: privateNames(served.map(({ endpoint }) => linkNames(view, endpoint))),
    servers: sandbox.dns.servers,
    forward: hasWayOut(sandbox, all),
    fixed: options.hostNames === false ? {} : hostNames(view, sandbox),
    ...(watched.length > 0 && { watched }),
  };
}

/** A namespace that the engine did not make may have a way out that the engine does not know. */
const hasWayOut = (
  { kind, gateway4, gateway6 }: Sandbox,
  networks: readonly { readonly network: Network }[],
): boolean =>
  kind === 'external'
    ? networks.some(({ network }) => !network.internal)
    : gateway4 !== '' || gateway6 !== '';

/** `--link container:alias` on a user-defined network: names that only this endpoint's sandbox sees. */
function linkNames(view: View, { spec, networkId }: Endpoint): ReadonlyMap<string, PrivateName> {
  const links = new Map<string, PrivateName>();
  for (const link of spec.links) {
    const [asked = '', alias = ''] = link.replace(/^\//, '').split(':', 2);
    const container = view.containerByName(asked) ?? view.get('containers', asked);
    const name = (container?.name ?? asked).toLowerCase();
    if (name) links.set((alias.replace(/^.*\//, '') || name).toLowerCase(), { networkId, name });
  }
  return links;
}

/** An alias asked for on several networks leads to all of them, in their order. */
function privateNames(links: readonly ReadonlyMap<string, PrivateName>[]): SandboxNames['privateNames'] {
  const all = new Map<string, PrivateName[]>();
  for (const [alias, name] of links.flatMap((one) => [...one])) {
    const known = all.get(alias);
    if (known) known.push(name);
    else all.set(alias, [name]);
  }
  return Object.fromEntries(all);
}

/** Whether two records are equal; the same code makes both, so their keys are in the same order. */
const same = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);
