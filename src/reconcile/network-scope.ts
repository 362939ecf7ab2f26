/** The scope of a network: its links on the host, and its own namespace. */
import type { Link } from '../kernel/kernel.ts';
import { meshLink } from '../model/mesh.ts';
import type { View } from '../model/tables.ts';
import { networkNamespace } from '../objects/namespace-ref.ts';
import type { Facts } from '../objects/object.ts';
import { markedMac, networkOwner, parseOwner } from '../objects/owner.ts';
import { compareScope, convergeScope, type Scope } from './converge.ts';
import type { Action } from './diff.ts';
import type { Handles } from './handles.ts';
import type { HostRoutes } from './host-routes.ts';
import { describeHostLink } from './kinds/observe-links.ts';
import { planNetworkScope } from './plan.ts';
import { removeMesh } from './remove-mesh.ts';
import type { SecureTunnelsScope } from './secure-tunnels.ts';

export interface NetworkScopes {
  readonly view: View;
  readonly handles: Handles;
  readonly hostRoutes: Pick<HostRoutes, 'invalidate'>;
  facts(): Facts;
  trace(line: string): void;
  /** What encrypted networks of this host share. */
  readonly tunnels: Pick<SecureTunnelsScope, 'converge'>;
  /** Link names by network, as last seen; a hint that saves listing all links. */
  readonly links: Map<string, readonly string[]>;
}

export async function reconcileNetwork(networkId: string, scopes: NetworkScopes): Promise<number> {
  const { view, handles, links } = scopes;
  const network = view.get('networks', networkId);
  if (!network) return removeNetwork(networkId, scopes);
  const tunnels = network.overlay?.encrypted ? await scopes.tunnels.converge() : 0;
  const { scope, unwanted } = lookAt(networkId, scopes);
  await removeLinks(
    unwanted.map(({ name }) => name),
    scopes,
  );
  links.set(networkId, linksOf(scope));
  if (!scope.desired.some(({ kind }) => kind === 'namespace')) await removeNamespace(networkId, scopes);
  return tunnels + (await convergeScope(scope, handles, scopes.trace));
}

/** What converging a network in the model would do. Changes nothing. */
export function compareNetwork(networkId: string, scopes: NetworkScopes): readonly Action[] {
  const { scope, unwanted } = lookAt(networkId, scopes);
  const removals = unwanted.map(
    (link): Action => ({ verb: 'remove', observed: describeHostLink(link, scopes.handles) }),
  );
  return [...removals, ...compareScope(scope, scopes.handles)];
}

/** The planned scope, and links with the network's mark that it no longer wants. */
function lookAt(
  networkId: string,
  scopes: NetworkScopes,
): { readonly scope: Scope; readonly unwanted: readonly Link[] } {
  const desired = planNetworkScope(scopes.view, networkId, scopes.facts());
  const scope = { name: `network:${networkId}`, desired, inside: [networkNamespace(networkId)] };
  const wanted = linksOf(scope);
  const owned = ownedLinks(networkId, scopes, scopes.links.get(networkId) ?? []);
  return { scope, unwanted: owned.filter(({ name }) => !wanted.includes(name)) };
}

const linksOf = ({ desired }: Scope): readonly string[] =>
  desired.flatMap((object) => (object.kind === 'link' && object.ns === 'host' ? [object.name] : []));

async function removeLinks(names: readonly string[], { handles, trace }: NetworkScopes): Promise<void> {
  for (const name of names) trace(`act=remove kind=link ns=host key=${name}`);
  await handles.kernel.host.route.removeLinks(names);
}

/** Removes the links of a removed network, except those that another network uses and takes over. */
async function removeNetwork(networkId: string, scopes: NetworkScopes): Promise<number> {
  const { handles, trace } = scopes;
  const known = scopes.links.get(networkId);
  const owned = ownedLinks(networkId, scopes, known).map(({ name }) => name);
  // a link that is not the engine's stays, and its routes become the host's
  if (owned.length !== known?.length) scopes.hostRoutes.invalidate();
  const heirs = owned.map((name) => [name, heirOf(name, scopes)] as const);
  const orphans = heirs.flatMap(([name, heir]) => (heir === undefined ? [name] : []));
  if (orphans.includes(meshLink)) removeMesh(handles, trace);
  await removeLinks(orphans, scopes);
  scopes.links.delete(networkId);
  await removeNamespace(networkId, scopes);
  let count = orphans.length;
  for (const heir of new Set(heirs.flatMap(([, id]) => id ?? [])))
    count += await reconcileNetwork(heir, scopes);
  return count;
}

/** Removes the links first: the kernel destroys a namespace some time later, and its VNIs are in use until then. */
async function removeNamespace(networkId: string, { handles, trace }: NetworkScopes): Promise<void> {
  const ns = networkNamespace(networkId);
  const route = handles.find(ns)?.route;
  if (!route) return;
  trace(`act=remove kind=namespace ns=${ns}`);
  const own = route.listLinks().filter(({ alias }) => parseOwner(alias)?.scope === 'network');
  await route.removeLinks(own.map(({ name }) => name));
  await handles.removeNamespace(ns);
}

/** The network's links among those with these names, or among all of the host. */
function ownedLinks(
  networkId: string,
  { handles }: NetworkScopes,
  hints: readonly string[] | undefined,
): readonly Link[] {
  const { route } = handles.kernel.host;
  const alias = networkOwner(networkId);
  const found = hints ? hints.flatMap((name) => route.findLink(name) ?? []) : route.listLinks();
  const mac = markedMac('network', networkId);
  return found.filter((link) => link.alias === alias || (link.alias === '' && link.mac === mac));
}

function heirOf(link: string, { view }: NetworkScopes): string | undefined {
  return view.networksOfLink(link)[0]?.id;
}
