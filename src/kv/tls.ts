/** The client's certificates: read at the start, and again when the store lets the client in no more. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { fail, messageOf } from '../errors.ts';
import type { TlsFiles } from './source.ts';

/** Passed to Node at each new connection. */
export type TlsMaterial = {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
};

const names = [
  ['ca', 'CA certificate'],
  ['cert', 'X509 certificate'],
  ['key', 'X509 key'],
] as const;

type Read = Omit<TlsMaterial, 'minVersion'>;

const unreadable = (path: string, what: string, thrown: unknown): Error =>
  fail('CONFIG_INVALID', `could not read ${what} ${JSON.stringify(path)}: ${messageOf(thrown)}`);

function readNow(files: TlsFiles): Read {
  const parts = names.map(([name, what]) => {
    try {
      return [name, readFileSync(files[name])];
    } catch (thrown) {
      throw unreadable(files[name], what, thrown);
    }
  });
  return checked(Object.fromEntries(parts));
}

function checked(read: Read): Read {
  try {
    createSecureContext(read);
  } catch (thrown) {
    throw fail('CONFIG_INVALID', `could not load X509 key pair: ${messageOf(thrown)}`);
  }
  return read;
}

/** Milliseconds for files on a file system whose server may not answer. */
const patience = 2_000;

/** What is in the files. Pass it on as it is, without copying: connections that are opened later take what it has then. */
export class FileTls implements TlsMaterial {
  ca: Buffer;
  cert: Buffer;
  key: Buffer;
  readonly minVersion = 'TLSv1.2';
  readonly #files: TlsFiles;

  /** Throws `CONFIG_INVALID` if a file cannot be read or is not a certificate or key. */
  constructor(files: TlsFiles) {
    const { ca, cert, key } = readNow(files);
    this.ca = ca;
    this.cert = cert;
    this.key = key;
    this.#files = files;
  }

  /** Reads the files again. False if they are as they were. Throws `CONFIG_INVALID`; then the former ones stay. */
  async renew(): Promise<boolean> {
    const signal = AbortSignal.timeout(patience);
    const parts = await Promise.all(
      names.map(async ([name, what]) => {
        const path = this.#files[name];
        const content = await readFile(path, { signal }).catch((thrown) => {
          throw unreadable(path, what, thrown);
        });
        return [name, content] as const;
      }),
    );
    if (parts.every(([name, content]) => content.equals(this[name]))) return false;
    const { ca, cert, key } = checked(Object.fromEntries(parts) as Read);
    this.ca = ca;
    this.cert = cert;
    this.key = key;
    return true;
  }
}
