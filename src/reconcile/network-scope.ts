/** One network: its link on the host and what that link has. */
import type { View } from '../model/tables.ts';
import type { Facts } from '../objects/object.ts';
import { markedMac, networkOwner } from '../objects/owner.ts';
import { convergeScope } from './converge.ts';
import type { Outlook } from './outlook.ts';
import type { Place } from './place.ts';
import { planNetworkScope } from './plan.ts';

export interface NetworkScopes {
  readonly view: View;
  readonly place: Place;
  readonly outlook: Pick<Outlook, 'forget'>;
  facts(): Facts;
  trace(line: string): void;
  /** Link names by network, as last seen: a hint that saves looking through all links. */
  readonly links: Map<string, readonly string[]>;
}

export async function convergeNetwork(networkId: string, scopes: NetworkScopes): Promise<number> {
  const { view, place, links } = scopes;
  if (!view.get('networks', networkId)) return removeNetwork(networkId, scopes);
  const desired = planNetworkScope(view, networkId, scopes.facts());
  const names = desired.flatMap((object) => (object.kind === 'link' ? [object.name] : []));
  await removeLinks(
    ownedLinks(networkId, scopes, links.get(networkId) ?? []).filter((name) => !names.includes(name)),
    scopes,
  );
  links.set(networkId, names);
  return convergeScope({ name: `network:${networkId}`, desired }, place, scopes.trace);
}

async function removeLinks(names: readonly string[], { place, trace }: NetworkScopes): Promise<void> {
  for (const name of names) trace(`act=remove kind=link ns=host key=${name}`);
  await place.kernel.host.route.removeLinks(names);
}

/** Links of a network that is gone go too, but for those that another network has as well: it takes them over. */
async function removeNetwork(networkId: string, scopes: NetworkScopes): Promise<number> {
  const known = scopes.links.get(networkId);
  const owned = ownedLinks(networkId, scopes, known);
  // a link that is not the engine's stays, and its routes are no network's any more
  if (owned.length !== known?.length) scopes.outlook.forget();
  const heirs = owned.map((name) => [name, heirOf(name, scopes)] as const);
  const orphans = heirs.flatMap(([name, heir]) => (heir === undefined ? [name] : []));
  await removeLinks(orphans, scopes);
  scopes.links.delete(networkId);
  let count = orphans.length;
  for (const heir of new Set(heirs.flatMap(([, id]) => id ?? [])))
    count += await convergeNetwork(heir, scopes);
  return count;
}

/** Of those that are named, or else of all of the host's. */
function ownedLinks(
  networkId: string,
  { place }: NetworkScopes,
  hints: readonly string[] | undefined,
): readonly string[] {
  const { route } = place.kernel.host;
  const alias = networkOwner(networkId);
  const found = hints ? hints.flatMap((name) => route.findLink(name) ?? []) : route.listLinks();
  const mac = markedMac('network', networkId);
  return found
    .filter((link) => link.alias === alias || (link.alias === '' && link.mac === mac))
    .map(({ name }) => name);
}

function heirOf(link: string, { view }: NetworkScopes): string | undefined {
  return view.networksOfLink(link)[0]?.id;
}
