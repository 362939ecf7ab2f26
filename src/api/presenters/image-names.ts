/** Names of images as users write them, and whether they mean a given image. */
import type { Image } from '../../model/image.ts';

/** `docker.io/library/busybox` is `busybox`, and no tag is `latest`; digests stay as they are. */
export function familiarName(reference: string): string {
  const short = reference.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
  if (short.includes('@')) return short;
  return /:[^/]*$/.test(short) ? short : `${short}:latest`;
}

/** A familiar name without its tag and its digest. */
export const repositoryOfName = (name: string): string => name.replace(/@.*$/s, '').replace(/:[^/:]*$/, '');

/** Names in Docker's order, which is that of the full names. */
export function inOrder(names: readonly string[]): readonly string[] {
  const full = (name: string): string => {
    const [first = '', ...rest] = name.split('/');
    if (rest.length === 0) return `docker.io/library/${name}`;
    return /[.:]/.test(first) || first === 'localhost' ? name : `docker.io/${name}`;
  };
  return names.toSorted((a, b) => (full(a) < full(b) ? -1 : 1));
}

/** Does the reference (a name, an id, or a prefix of one) mean this image? */
export function imageRefersTo(image: Image, reference: string): boolean {
  const id = reference.startsWith('sha256:') ? reference : `sha256:${reference}`;
  if (/^sha256:[0-9a-f]{3,64}$/.test(id) && image.id.startsWith(id)) return true;
  const name = familiarName(reference);
  return image.tags.includes(name) || image.digests.includes(name);
}
