/** Scopes that may differ from the kernel: by its events, and by the host's links. */
import type { KernelEvent } from '../kernel/events.ts';
import type { Kernel, Link } from '../kernel/kernel.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Model } from '../model/memory.ts';
import { meshLink } from '../model/mesh.ts';
import { nodeHere } from '../model/node.ts';
import { secureLink } from '../model/secure-tunnels.ts';
import { type NamespaceRef, parseNamespace } from '../objects/namespace-ref.ts';
import { parseOwner } from '../objects/owner.ts';

/** Scopes of networks and sandboxes, as the reconciler names them, that an event is about. */
export function suspectsOf(
  model: Model,
  { subject, action, name, alias, was }: KernelEvent,
): readonly string[] {
  if (subject === 'firewall' || action === 'flush') return [];
  if (subject === 'queue') return shapedBy(model.all('endpoints'), name);
  if (subject === 'rule') return networksOf(model, meshLink);
  // additional addresses and routes belong to other programs
  if ((subject === 'address' || subject === 'route') && action === 'new') return [];
  const named = [name, was ?? ''].filter(Boolean).flatMap((link) => networksOf(model, link));
  const scopes = [...named.map((id) => `network:${id}`), ...ownerOf(model, alias ?? '')];
  return [...new Set(scopes.length > 0 || subject !== 'link' ? scopes : endedBy(model, was ?? name))];
}

/** Sandboxes of the endpoints with that end on the host, whose alias somebody has removed. */
const endedBy = (model: Model, link: string): readonly string[] =>
  Array.from(model.all('endpoints'))
    .filter(({ hostLink }) => hostLink !== '' && hostLink === link)
    .map(({ sandboxId }) => `sandbox:${sandboxId}`);

/** As `suspectsOf`, for an event in the namespace of a network or a sandbox. */
export function suspectsInside(model: Model, ref: NamespaceRef, event: KernelEvent): readonly string[] {
  const place = parseNamespace(ref);
  if (place.of === 'host') return [];
  if (place.of === 'sandbox') return model.get('sandboxes', place.id) ? [`sandbox:${place.id}`] : [];
  const { subject, action, alias = '', name } = event;
  const network = place.id;
  if (subject === 'queue') return shapedBy(model.endpointsOfNetwork(network), name);
  // additional addresses and links belong to other programs
  if (action === 'new' && (subject === 'address' || (subject === 'link' && alias === ''))) return [];
  const itself = model.get('networks', network) ? [`network:${network}`] : [];
  if (action === 'flush') {
    const ends = model.endpointsOfNetwork(network).map(({ sandboxId }) => `sandbox:${sandboxId}`);
    return [...new Set([...itself, ...ends])];
  }
  const owners = ownerOf(model, alias);
  return owners.length > 0 ? owners : itself;
}

/** Sandboxes of the endpoints whose rates are limited on that link. */
const shapedBy = (endpoints: Iterable<Endpoint>, link: string): readonly string[] =>
  Array.from(endpoints)
    .filter(({ rates, hostLink }) => rates && hostLink === link)
    .map(({ sandboxId }) => `sandbox:${sandboxId}`);

/** Networks with a link of that name on the host, including fanouts. */
export function networksOf(model: Model, link: string): readonly string[] {
  const extended = model.fanouts.networkOf(link);
  return [
    ...(extended === undefined ? [] : [extended]),
    ...model.networksOfLink(link).map(({ id }) => id),
    ...encryptedBy(model, link),
  ];
}

/** Networks whose tunnels are by that link. */
function encryptedBy(model: Model, link: string): readonly string[] {
  const here = nodeHere(model.all('nodes'));
  if (!here || link !== secureLink(here)) return [];
  return Array.from(model.all('networks')).flatMap(({ id, overlay }) =>
    overlay?.encrypted && model.endpointsOfNetwork(id).length > 0 ? [id] : [],
  );
}

function ownerOf(model: Model, alias: string): readonly string[] {
  const owner = parseOwner(alias);
  if (owner?.scope === 'network') return model.get('networks', owner.id) ? [`network:${owner.id}`] : [];
  const endpoint = owner && model.get('endpoints', owner.id);
  return endpoint ? [`sandbox:${endpoint.sandboxId}`] : [];
}

/** Scopes with a link on the host that is missing, down, or not on its bridge. One dump of the host's links. */
export function brokenScopes({
  kernel,
  model,
}: {
  readonly kernel: Kernel;
  readonly model: Model;
}): Set<string> {
  const links = new Map(kernel.host.route.listLinks().map((link) => [link.name, link]));
  const isUp = (name: string): boolean => links.get(name)?.up === true;
  const broken = new Set<string>();
  const here = nodeHere(model.all('nodes'));
  if (here && !isUp(secureLink(here)))
    for (const id of encryptedBy(model, secureLink(here))) broken.add(`network:${id}`);
  for (const { id, link } of model.all('networks'))
    for (const name of [link, ...model.fanouts.loads(id).keys()])
      if (name !== '' && !isUp(name)) broken.add(`network:${id}`);
  for (const { hostLink, networkId, sandboxId } of model.all('endpoints')) {
    const network = model.get('networks', networkId);
    // the links of an overlay are in its namespace
    if (hostLink === '' || network?.overlay) continue;
    const bridge = links.get(network?.link ?? '');
    if (!isUp(hostLink) || !isPortOf(links.get(hostLink), bridge)) broken.add(`sandbox:${sandboxId}`);
  }
  return broken;
}

const isPortOf = (port: Link | undefined, bridge: Link | undefined): boolean =>
  port !== undefined && bridge !== undefined && port.master === bridge.index;
