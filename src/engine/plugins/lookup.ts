/** Which plugin a name means, and how names are written. Pure. */
import { fail, messageOf } from '../../errors.ts';
import { familiar, parseReference, type Reference, withDefaultTag } from '../../images/reference.ts';
import type { ManagedPlugin } from '../../model/plugin.ts';

/** By full id, name (`latest` where it has no tag), or beginning of an id. Throws PLUGIN_NOT_FOUND, PLUGIN_AMBIGUOUS. */
export function findPlugin(plugins: Iterable<ManagedPlugin>, asked: string): ManagedPlugin {
  const all = [...plugins];
  const whole = all.find(({ id }) => id === asked);
  if (whole) return whole;
  const name = nameMeant(asked);
  const named = all.find((plugin) => plugin.name === name);
  if (named) return named;
  const [first, second] = name === undefined ? [] : all.filter(({ id }) => id.startsWith(asked));
  if (second) throw fail('PLUGIN_AMBIGUOUS', asked);
  if (!first) throw fail('PLUGIN_NOT_FOUND', asked);
  return first;
}

/** In the familiar form, with a tag; undefined for what is no name of a plugin. */
function nameMeant(asked: string): string | undefined {
  try {
    const reference = parseReference(asked);
    return reference.digest === '' ? nameOf(reference) : undefined;
  } catch {
    return undefined;
  }
}

const nameOf = (reference: Reference): string => familiar(withDefaultTag(reference));

/** The name of a plugin that is made here. Throws PLUGIN_INVALID in Docker's words. */
export function nameForCreate(asked: string): string {
  const reference = parsed(asked, `failed to parse reference ${asked}: `);
  if (reference.digest !== '') throw fail('PLUGIN_INVALID', 'canonical references are not permitted');
  return nameOf(reference);
}

/** What to pull. With tag and digest the digest counts. Throws PLUGIN_INVALID. */
export function remoteOf(asked: string): { readonly reference: Reference; readonly tag: string } {
  const reference = withDefaultTag(parsed(asked, ''));
  return { reference: reference.digest === '' ? reference : { ...reference, tag: '' }, tag: reference.tag };
}

/** The name that a pulled plugin gets: the one that is asked for, or that of where it is from. */
export function nameForPull(asked: string, { reference, tag }: ReturnType<typeof remoteOf>): string {
  if (asked === '') return nameOf({ ...reference, tag, digest: '' });
  const local = parsed(asked, '');
  if (local.digest !== '') throw fail('PLUGIN_INVALID', 'cannot use digest in plugin tag');
  return nameOf(local);
}

function parsed(asked: string, doing: string): Reference {
  try {
    return parseReference(asked);
  } catch (thrown) {
    throw fail('PLUGIN_INVALID', `${doing}${messageOf(thrown)}`);
  }
}
