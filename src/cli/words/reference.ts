/** Names of images. */

/** `repository:tag` in its parts; a digest counts as part of the repository. */
export function splitReference(reference: string): { readonly repository: string; readonly tag: string } {
  const at = reference.lastIndexOf(':');
  const hasTag = at > reference.lastIndexOf('/') && !reference.includes('@');
  return hasTag
    ? { repository: reference.slice(0, at), tag: reference.slice(at + 1) }
    : { repository: reference, tag: '' };
}

/** With `:latest` where neither tag nor digest is given. */
export function withTag(reference: string): string {
  const { tag } = splitReference(reference);
  return tag === '' && !reference.includes('@') ? `${reference}:latest` : reference;
}

/** Docker's own registry, as credentials name it. */
const ownRegistry = 'https://index.docker.io/v1/';

/** A registry as `login` names it: its host, or Docker's own where it is that or not given. */
export function registryAddress(server: string): string {
  const host = server.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return ['', 'docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(host) ? ownRegistry : host;
}

/** The registry that an image comes from; Docker's own where the name has none. */
export function registryOf(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost && first !== 'docker.io' && first !== 'index.docker.io' ? first : ownRegistry;
}

/** The name in full: `docker.io/library/busybox:latest` of `busybox:latest`. */
export function fullName(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  if (isHost) return reference;
  return rest.length > 0 ? `docker.io/${reference}` : `docker.io/library/${reference}`;
}

/** As docker shows it: `busybox:latest` of `docker.io/library/busybox:latest`. */
export const familiarName = (reference: string): string =>
  reference.replace(/^docker\.io\/(?:library\/(?=[^/]+$))?/, '');

/** An image's name within a URL: its slashes stay. */
export function imagePath(reference: string): string {
  return reference.split('/').map(encodeURIComponent).join('/');
}
