/** Reads the client's certificates. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { fail, messageOf } from '../errors.ts';
import type { TlsFiles } from './source.ts';

export type TlsMaterial = {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
};

function read(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw fail('CONFIG_INVALID', `could not read ${what} ${JSON.stringify(path)}: ${messageOf(thrown)}`);
  }
}

/** Throws `CONFIG_INVALID` if a file cannot be read or is not a certificate or key. */
export function readTls(files: TlsFiles): TlsMaterial {
  const material: TlsMaterial = {
    ca: read(files.ca, 'CA certificate'),
    cert: read(files.cert, 'X509 certificate'),
    key: read(files.key, 'X509 key'),
    minVersion: 'TLSv1.2',
  };
  try {
    createSecureContext(material);
  } catch (thrown) {
    throw fail('CONFIG_INVALID', `could not load X509 key pair: ${messageOf(thrown)}`);
  }
  return material;
}
