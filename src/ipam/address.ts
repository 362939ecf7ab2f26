/** Addresses and blocks, for the allocation of them: see `../net/`. */
export * from '../net/address.ts';
export { type Family as IpVersion, familyOf as versionOf, width } from '../net/family.ts';
