/** What the routes of swarm mode have in common. */
import { fail, messageOf } from '../../errors.ts';
import { parseBool, parseUint64 } from '../../go/strconv.ts';
import type { Meta } from '../../swarm/records.ts';
import type { Filters } from '../filters.ts';
import { type Call, param } from '../route.ts';

/** Reference and version that an update of an object names; `kind` as the message has it. Throws BAD_REQUEST. */
export function versionOf(query: Call['query'], kind: string): number {
  const text = query.text('version');
  try {
    return parseUint64(text);
  } catch (error) {
    // Docker says no more of these two
    const why = kind === 'secret' || kind === 'config' ? '' : ` '${text}': ${messageOf(error)}`;
    throw fail('BAD_REQUEST', `invalid ${kind} version${why}`);
  }
}

/** A switch that is read as Go's ParseBool does; false where it is not there. Throws BAD_REQUEST. */
export function strictFlag(query: Call['query'], name: string): boolean {
  const text = query.text(name);
  try {
    return text !== '' && parseBool(text);
  } catch (error) {
    // a rotation's message ends here
    const why = name.startsWith('rotate') ? '' : `: ${messageOf(error)}`;
    throw fail('BAD_REQUEST', `invalid value for ${name}: ${text}${why}`);
  }
}

/** By id, as the managers of Docker list. */
export const inOrder = <T extends Meta>(records: Iterable<T>): readonly T[] =>
  Array.from(records).sort((a, b) => (a.id < b.id ? -1 : 1));

/** Credentials that nodes pull the image with. */
export function registryAuth({ headers }: Pick<Call, 'headers'>): string {
  const auth = headers['x-registry-auth'];
  return typeof auth === 'string' ? auth : '';
}

/** Name and id are given by their beginnings. */
export const passesNames = (
  filters: Filters,
  { name, id }: { readonly name: string; readonly id: string },
): boolean => filters.begins('name', name) && filters.begins('id', id);

export const ref = (call: Pick<Call<unknown>, 'params'>): string => param(call, 'id');
