/** The key of this host for encrypted networks: made once, kept in a file that root alone reads. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { writeWholeSync } from '../files/write-whole.ts';

/** Both as WireGuard writes them: base64. */
export interface TunnelKey {
  readonly private: string;
  /** In this host's record of the cluster. */
  readonly public: string;
}

/** What stands before the 32 bytes of an X25519 key in PKCS #8 (RFC 8410 section 7). */
const pkcs8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** The key that will be this host's, while the others learn of it. */
export const nextKeyFile = (dataRoot: string): string => join(dataRoot, 'tunnel-key.next');

export const tunnelKeyFile = (dataRoot: string): string => join(dataRoot, 'tunnel-key');

/** Throws FILE_DAMAGED. */
export function tunnelKey(path: string): TunnelKey {
  if (!existsSync(path)) writeWholeSync(path, `${bytesOf(generateKeyPairSync('x25519').privateKey, 'd')}\n`);
  const text = readFileSync(path, 'utf8').trim();
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 32) throw fail('FILE_DAMAGED', path, 'it is no key of 32 bytes');
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, bytes]), format: 'der', type: 'pkcs8' });
  return { private: text, public: bytesOf(createPublicKey(key), 'x') };
}

/** A member of a JSON Web Key (RFC 8037), as plain base64. */
const bytesOf = (key: KeyObject, member: 'd' | 'x'): string =>
  Buffer.from(String(key.export({ format: 'jwk' })[member]), 'base64url').toString('base64');
