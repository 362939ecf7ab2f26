/** A certificate authority with certificates of a server and of a client, made by openssl. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll } from 'vitest';

export type Pair = { readonly cert: string; readonly key: string };
export type Certificates = { readonly ca: string; readonly server: Pair; readonly client: Pair };

/** For servers at any address of `addresses`. */
export function makeCertificates(addresses: readonly string[]): Certificates {
  const folder = mkdtempSync('/tmp/seaway-kv-tls-');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
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
  const issue = (name: string, extensions: string): Pair => {
    writeFileSync(`${folder}/${name}.ext`, extensions);
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`, '-extfile', `${name}.ext`);
    return { cert: `${folder}/${name}.pem`, key: `${folder}/${name}.key` };
  };
  const names = addresses.map((address) => `IP:${address}`).join(',');
  return {
    ca: `${folder}/ca.pem`,
    server: issue('server', `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`),
    client: issue('client', 'extendedKeyUsage=clientAuth\n'),
  };
}
