/** A certificate authority with certificates of a server and of a client, made by openssl. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';

export type Pair = { readonly cert: string; readonly key: string };
export type Certificates = { readonly ca: string; readonly server: Pair; readonly client: Pair };

let drawn = 0;

/** For servers at any of the addresses; the files are there when the tests of the block begin. */
export function makeCertificates(addresses: readonly string[]): Certificates {
  const folder = `/tmp/seaway-kv-tls-${process.pid}-${++drawn}`;
  const pair = (name: string): Pair => ({ cert: `${folder}/${name}.pem`, key: `${folder}/${name}.key` });
  beforeAll(() => write(folder, addresses));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return { ca: `${folder}/ca.pem`, server: pair('server'), client: pair('client') };
}

function write(folder: string, addresses: readonly string[]): void {
  mkdirSync(folder);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=kv-test-ca',
  );
  const issue = (name: string, extensions: string): void => {
    writeFileSync(`${folder}/${name}.ext`, extensions);
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`, '-extfile', `${name}.ext`);
  };
  const names = addresses.map((address) => `IP:${address}`).join(',');
  issue('server', `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`);
  issue('client', 'extendedKeyUsage=clientAuth\n');
}
