/**
 * Names of a swarm's services: the service's own lead to its virtual addresses, `tasks.NAME` to all that answer for it. Without
 * virtual addresses (mode `dnsrr`) both lead to these. Pure.
 */
import type { View } from '../model/tables.ts';
import type { Backend, ServedService } from '../model/virtual-service.ts';
import { familyOf } from '../net/family.ts';
import type { NameChange, NameEntry } from './records.ts';

type Named = NameChange['names'][number] & { readonly entry: NameEntry };

/** Changes of one service's names between two views. */
export function serviceNames(id: string, before: View, after: View): NameChange['names'][number][] {
  const [was, is] = [before, after].map((view) => entriesOf(view.get('services', id)));
  const changes: NameChange['names'][number][] = [];
  for (const [key, { entry: _, ...gone }] of was ?? []) if (!is?.has(key)) changes.push(gone);
  for (const [key, one] of is ?? []) {
    const known = was?.get(key);
    if (!known || JSON.stringify(known.entry) !== JSON.stringify(one.entry)) changes.push(one);
  }
  return changes;
}

/** By network, name and who answers. */
function entriesOf(service: ServedService | undefined): ReadonlyMap<string, Named> {
  const entries = new Map<string, Named>();
  if (!service?.named) return entries;
  const { id, networkId, addresses, backends } = service;
  const add = (name: string, endpointId: string, found: readonly string[]): void => {
    const key = name.toLowerCase();
    const entry = { endpointId, ...byFamily(found), name: service.name };
    entries.set(`${key} ${endpointId}`, { networkId, name: key, endpointId, entry });
  };
  const open = backends.filter((one) => one.open);
  const endpointOf = (one: Backend): string => `${id} ${one.id}`;
  for (const name of [service.name, ...service.aliases]) {
    if (addresses.length > 0) add(name, id, addresses);
    else for (const one of open) add(name, endpointOf(one), one.addresses);
    for (const one of open) add(`tasks.${name}`, endpointOf(one), one.addresses);
  }
  return entries;
}

const byFamily = (addresses: readonly string[]): { readonly ipv4: string; readonly ipv6: string } => ({
  ipv4: addresses.find((one) => familyOf(one) === 4) ?? '',
  ipv6: addresses.find((one) => familyOf(one) === 6) ?? '',
});
