/** The namespace of an object: `host`, the id of a sandbox, or `network:ID` for a network's namespace. */
export type NamespaceRef = string;

const prefix = 'network:';

export const networkNamespace = (networkId: string): NamespaceRef => `${prefix}${networkId}`;

export type ParsedNamespace =
  | { readonly of: 'host' }
  | { readonly of: 'sandbox'; readonly id: string }
  | { readonly of: 'network'; readonly id: string };

/** Splits a reference into kind and id. */
export function parseNamespace(ref: NamespaceRef): ParsedNamespace {
  if (ref === 'host') return { of: 'host' };
  return ref.startsWith(prefix)
    ? { of: 'network', id: ref.slice(prefix.length) }
    : { of: 'sandbox', id: ref };
}
