/**
 * From changed records to the scopes that must converge. Its cost grows with the change (its endpoints, and the sandboxes
 * of its networks), not with the host. Contract: the plan of a scope that is not named does not change.
 */
import type { Endpoint } from '../model/endpoint.ts';
import { accessLinkOf } from '../model/host-links.ts';
import { type Change, keyOf, type View } from '../model/tables.ts';
import { gatewayNetwork } from '../model/way-out.ts';
import { touchedByPolicies } from '../policy/touched.ts';
import { type FilesChange, filesOf } from './files.ts';
import { concernsFirewall, sameEnds, sameInMesh } from './firewall.ts';
import { both, type Step } from './step.ts';

/** Scopes whose plan may have changed. */
export interface Scopes {
  /** Networks that were added, removed or changed. */
  readonly networks: ReadonlySet<string>;
  /**
   * Networks whose links, routes and entries follow who is on them: fanouts, routes of `host_access`, and what an
   * overlay has of other nodes.
   */
  readonly reached: ReadonlySet<string>;
  readonly sandboxes: ReadonlySet<string>;
  /** Sandboxes whose published ports have changed. */
  readonly ports: ReadonlySet<string>;
  /** Sandboxes that the resolver serves or served before. */
  readonly resolver: ReadonlySet<string>;
  /** Containers whose hosts, hostname and resolv.conf may change. */
  readonly files: ReadonlyMap<string, FilesChange>;
  readonly firewall: boolean;
  /** The host's forwarding sysctls, set together with the firewall; no record changes them. */
  readonly forwarding: boolean;
}

/** Scopes named by the caller, where no record has changed. */
export const scopesOf = (named: Partial<Scopes>): Scopes => ({
  ...{ networks: new Set(), reached: new Set(), sandboxes: new Set(), ports: new Set(), resolver: new Set() },
  ...{ files: new Map(), firewall: false, forwarding: false },
  ...named,
});

/** One scope by the reconciler's name for it: `network:ID`, `sandbox:ID`. */
export function scopeNamed(name: string): Scopes {
  const [kind, id = ''] = name.split(':', 2);
  return scopesOf(kind === 'network' ? { networks: new Set([id]) } : { sandboxes: new Set([id]) });
}

export function affected(step: Step, changes: readonly Change[]): Scopes {
  const scopes = {
    networks: new Set<string>(),
    reached: new Set<string>(),
    sandboxes: new Set<string>(),
  };
  for (const change of changes) {
    const key = 'put' in change ? keyOf(change.table, change.put) : change.remove;
    if (change.table === 'networks') addNetwork(scopes, key, step);
    else if (change.table === 'endpoints') addEndpoint(scopes, key, step);
    else if (change.table === 'peers') addPeer(scopes, key, step);
    else if (change.table === 'nodes' && !sameEnds(key, step)) addNode(scopes, step);
    else if (change.table === 'nodes' && !sameInMesh(key, step)) addMesh(scopes, step);
    else if (change.table === 'meshPorts') addMesh(scopes, step);
    else if (change.table === 'services') addService(scopes, key, step);
    else if (change.table === 'sandboxes') scopes.sandboxes.add(key);
  }
  for (const id of touchedByPolicies(step, changes)) scopes.sandboxes.add(id);
  const sandboxes = [...scopes.sandboxes];
  return {
    ...scopes,
    ports: new Set(sandboxes.filter((id) => !samePorts(id, step))),
    resolver: new Set(sandboxes.filter((id) => both('sandboxes', id, step).some(({ resolver }) => resolver))),
    files: filesOf(step, changes, scopes.sandboxes),
    firewall: changes.some((change) => concernsFirewall(change, step)),
    forwarding: false,
  };
}

interface Growing {
  readonly networks: Set<string>;
  readonly reached: Set<string>;
  readonly sandboxes: Set<string>;
}

function addNetwork({ networks, sandboxes }: Growing, id: string, step: Step): void {
  networks.add(id);
  for (const view of [step.before, step.after])
    for (const { sandboxId } of view.endpointsOfNetwork(id)) sandboxes.add(sandboxId);
  for (const { link, driver } of both('networks', id, step)) {
    if (!link || !step.after.drivers.find(driver).sharesLink) continue;
    const [was, is] = [oldestOf(step.before, link), oldestOf(step.after, link)];
    // a link that several networks share is owned by the oldest
    if (was !== is) for (const other of step.after.networksOfLink(link)) networks.add(other.id);
  }
}

function oldestOf(view: View, link: string): string {
  const ages = view.networksOfLink(link).map(({ created, id }) => `${created} ${id}`);
  return ages.toSorted()[0] ?? '';
}

function addEndpoint({ reached, sandboxes }: Growing, id: string, step: Step): void {
  for (const endpoint of both('endpoints', id, step)) {
    sandboxes.add(endpoint.sandboxId);
    if (isReached(endpoint, step)) reached.add(endpoint.networkId);
    if (isInMesh(endpoint, step)) addMesh({ reached }, step);
  }
}

/** Nothing of a network is here without an endpoint. */
function addPeer({ reached }: Growing, id: string, step: Step): void {
  for (const { networkId } of both('peers', id, step))
    if (step.after.endpointsOfNetwork(networkId).length > 0) reached.add(networkId);
}

/** Each node serves the ports of the mesh. */
function addMesh({ reached }: Pick<Growing, 'reached'>, { after }: Step): void {
  for (const { id, ingress } of after.all('networks')) if (ingress) reached.add(id);
}

/** Each sandbox on its network has the rules that lead to it. */
function addService({ sandboxes }: Growing, id: string, step: Step): void {
  const [was, is] = [step.before, step.after].map((view) => rulesOf(view, id));
  if (was === is) return;
  for (const { networkId } of both('services', id, step))
    for (const { sandboxId } of step.after.endpointsOfNetwork(networkId)) sandboxes.add(sandboxId);
}

const rulesOf = (view: View, id: string): string => {
  const { networkId, addresses, backends } = view.get('services', id) ?? {};
  return JSON.stringify([networkId, addresses, backends]);
};

/** Where frames go to is said by the node. */
function addNode({ reached }: Growing, { after }: Step): void {
  for (const { id, overlay, ingress } of after.all('networks'))
    if (ingress || (overlay && after.endpointsOfNetwork(id).length > 0)) reached.add(id);
}

function isReached({ networkId, fanout }: Endpoint, step: Step): boolean {
  if (fanout !== undefined) return true;
  return both('networks', networkId, step).some(
    (network) => network.overlay !== undefined || accessLinkOf(step.after.drivers, network) !== '',
  );
}

/** Ports of the mesh lead to tasks by the network that leads out. */
function isInMesh({ networkId }: Endpoint, step: Step): boolean {
  const [any] = step.after.all('meshPorts');
  const name = gatewayNetwork(step.after.drivers)?.name;
  return any !== undefined && both('networks', networkId, step).some((network) => network.name === name);
}

function samePorts(id: string, { before, after }: Step): boolean {
  const [was, is] = [before.get('sandboxes', id)?.ports ?? [], after.get('sandboxes', id)?.ports ?? []];
  if (was.length !== is.length) return false;
  return was.every((port, index) => port === is[index] || JSON.stringify(port) === JSON.stringify(is[index]));
}
