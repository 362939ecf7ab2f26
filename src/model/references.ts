/** Finds records by references of users: a name, an id, or a unique prefix of an id. */
import { fail } from '../errors.ts';
import type { Container } from './container.ts';
import type { Network } from './network.ts';
import type { View } from './tables.ts';

/** As Docker: a full id, then a name, then an id prefix. Throws NETWORK_NOT_FOUND or NETWORK_AMBIGUOUS. */
export function findNetwork(view: View, ref: string): Network {
  const exact = view.get('networks', ref) ?? view.networkByName(ref);
  if (exact) return exact;
  const matches = withPrefix(view.all('networks'), ref, /^[0-9a-z]+$/);
  if (matches.length > 1) throw fail('NETWORK_AMBIGUOUS', ref, matches.length);
  const [found] = matches;
  if (!found) throw fail('NETWORK_NOT_FOUND', ref);
  return found;
}

/**
 * As `findNetwork`, for who names a network to do something with it: one of this host and one of the cluster may have the same
 * name. Throws NETWORK_NAME_AMBIGUOUS as well.
 */
export function findAskedNetwork(view: View, ref: string): Network {
  const found = findNetwork(view, ref);
  if (found.name !== ref || found.id === ref) return found;
  const named = Array.from(view.all('networks')).filter(({ name }) => name === ref).length;
  if (named > 1) throw fail('NETWORK_NAME_AMBIGUOUS', ref, named);
  return found;
}

/**
 * Throws BAD_REQUEST, CONTAINER_NOT_FOUND or CONTAINER_AMBIGUOUS. A leading slash is allowed, as in
 * `inspect`'s names, and so is the name of a legacy link, `recipient/alias`.
 */
export function findContainer(view: View, ref: string): Container {
  if (ref === '') throw fail('BAD_REQUEST', 'invalid name or ID supplied: ""');
  const name = ref.replace(/^\//, '');
  const exact = view.get('containers', ref) ?? view.containerByName(name) ?? linkedContainer(view, name);
  if (exact) return exact;
  const matches = withPrefix(view.all('containers'), ref);
  if (matches.length > 1) throw fail('CONTAINER_AMBIGUOUS', ref);
  const [found] = matches;
  if (!found) throw fail('CONTAINER_NOT_FOUND', ref);
  return found;
}

/** The source of the link `recipient/alias`. */
function linkedContainer(view: View, name: string): Container | undefined {
  const [recipient = '', alias, ...rest] = name.split('/');
  if (alias === undefined || rest.length > 0) return undefined;
  const link = view.containerByName(recipient)?.links?.find((one) => one.alias === alias);
  return link && view.get('containers', link.id);
}

/** Ids are of hex digits; those of a swarm's networks are of base 36. */
function withPrefix<R extends { readonly id: string }>(
  records: Iterable<R>,
  ref: string,
  digits = /^[0-9a-f]+$/,
): R[] {
  const matches: R[] = [];
  if (!digits.test(ref)) return matches;
  for (const record of records) if (record.id.startsWith(ref)) matches.push(record);
  return matches;
}
