/** Join tokens and unlock keys of a swarm, in Docker's forms. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { generate } from './generate.ts';

/** Digits 0-9a-z, padded in front. */
function base36(bytes: Uint8Array, width: number): string {
  const value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  return value.toString(36).padStart(width, '0');
}

/** SHA-256 of a root CA's PEM, as join tokens carry it: 50 characters. */
export const digestOf = (rootCa: string): string =>
  base36(createHash('sha256').update(rootCa.trim()).digest(), 50);

export const newToken = (rootCa: string): string => `SWMTKN-1-${digestOf(rootCa)}-${generate.id()}`;

export interface JoinToken {
  readonly digest: string;
  readonly secret: string;
}

/** undefined for a text that is no token. */
export function readToken(text: string): JoinToken | undefined {
  const [, digest, secret] = /^SWMTKN-1-([0-9a-z]{50})-([0-9a-z]{25})$/.exec(text) ?? [];
  return digest && secret ? { digest, secret } : undefined;
}

/** In a time that does not depend on where they differ. */
export function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

const keyPrefix = 'SWMKEY-1-';

export const newUnlockKey = (): string => keyPrefix + randomBytes(32).toString('base64').replace(/=+$/, '');

/** The 32 bytes of an unlock key; undefined for a text that is none. */
export function readUnlockKey(text: string): Buffer | undefined {
  if (!text.startsWith(keyPrefix)) return undefined;
  const bytes = Buffer.from(text.slice(keyPrefix.length), 'base64');
  return bytes.length === 32 ? bytes : undefined;
}
