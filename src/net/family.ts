/** IPv4 and IPv6. */

export type Family = 4 | 6;

export const families: readonly Family[] = [4, 6];

/** One value for each family. */
export type ByFamily<T> = Readonly<Record<Family, T>>;

/** The family of a valid address or block in text; validity is not checked. */
export const familyOf = (text: string): Family => (text.includes(':') ? 6 : 4);

/** Bits of an address. */
export const width = (family: Family): number => (family === 4 ? 32 : 128);

/** The unspecified address, for listening on all addresses of a family. */
export const wildcard = (family: Family): string => (family === 4 ? '0.0.0.0' : '::');
