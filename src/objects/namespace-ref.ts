/** Where an object is, as text: `host`, a sandbox by its id, or a network's own namespace by `network:ID`. */
export type NamespaceRef = string;

const prefix = 'network:';

export const networkNamespace = (networkId: string): NamespaceRef => `${prefix}${networkId}`;

export type ParsedNamespace =
  | { readonly of: 'host' }
  | { readonly of: 'sandbox'; readonly id: string }
  | { readonly of: 'network'; readonly id: string };

/** Whose namespace it is. */
export function parseNamespace(ref: NamespaceRef): ParsedNamespace {
  if (ref === 'host') return { of: 'host' };
  return ref.startsWith(prefix)
    ? { of: 'network', id: ref.slice(prefix.length) }
    : { of: 'sandbox', id: ref };
}
