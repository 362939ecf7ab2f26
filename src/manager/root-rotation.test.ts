/** Rotation of the root CA: what is asked, who trusts whom meanwhile, and when it is over. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { connect, createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Swarm } from '../../test/swarm/fixture.ts';
import type { SwarmCluster, SwarmKeys } from '../swarm/records.ts';
import { makeCredentials, makeRootCa } from './certificates.ts';
import type { Credentials } from './root-ca.ts';
import { crossSign, makeCrl, readCa } from './root-ca.ts';
import {
  asksRotation,
  certified,
  certifiedBy,
  finishRotation,
  signingCa,
  withNextRoot,
} from './root-rotation.ts';
import { fingerprintOf, isIssuedBy, issuerOf } from './subject.ts';
import { newToken } from './tokens.ts';

const subject = { nodeId: 'n'.repeat(25), clusterId: 'c'.repeat(25), role: 'manager' } as const;
const folder = mkdtempSync('/tmp/seaway-root-ca-');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** By openssl, as users make them. */
function userCa(name: string, options: readonly string[]): Credentials {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const output = ['-keyout', key, '-out', certificate, '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...options, ...output, '-subj', `/O=Acme, Inc./CN=${name}`], {
    stdio: 'ignore',
  });
  return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
}
const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-days', '800'];
const rsa = ['-newkey', 'rsa:2048', '-days', '800'];

/** A node with the certificate calls one that trusts the root, and takes its certificate in turn. */
async function shakesHands(node: Credentials, rootCa: string): Promise<boolean> {
  const [here, there] = duplexPair();
  const both = { ca: rootCa, cert: node.certificate, key: node.key };
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer({ ...both, requestCert: true }, ({ authorized }) => resolve(authorized));
  server.on('tlsClientError', () => resolve(false));
  server.emit('connection', here);
  const client = connect({ socket: there, ...both, checkServerIdentity: () => undefined });
  client.on('error', () => resolve(false));
  try {
    return await promise;
  } finally {
    client.destroy();
    here.destroy();
  }
}

describe('certificates by the next root CA', () => {
  let first: Credentials;
  const leaf = (ca: Credentials): Promise<Credentials> => makeCredentials({ ca, subject, life: 3_600_000 });
  beforeAll(async () => {
    first = await makeRootCa('swarm-ca');
  });

  it.each([
    ['made here', () => makeRootCa('swarm-ca')],
    ['a user has made with an elliptic curve', async () => readCa(userCa('ec', ec))],
    ['a user has made with RSA', async () => readCa(userCa('rsa', rsa))],
  ])('are taken by who trusts the one before, and by who trusts it: one %s', async (_, make) => {
    const next = await make();
    const { certificate, key } = await leaf(next);
    const alone = { certificate, key };
    const along = { certificate: certificate + (await crossSign(first, next.certificate)), key };
    expect(await shakesHands(along, first.certificate)).toBe(true);
    expect(await shakesHands(along, next.certificate)).toBe(true);
    expect(await shakesHands(alone, first.certificate)).toBe(false);
    expect(await shakesHands(await leaf(first), next.certificate)).toBe(false);
    expect(isIssuedBy(along.certificate, issuerOf(next.certificate).publicKey)).toBe(true);
    expect(isIssuedBy(along.certificate, issuerOf(first.certificate).publicKey)).toBe(false);
  });

  it('are refused for a CA that cannot be one', () => {
    const good = userCa('good', ec);
    const invalid = (ca: Credentials, why: RegExp) => expect(() => readCa(ca)).toThrow(why);
    invalid({ ...good, certificate: 'x' }, /could not parse the desired CA certificate/);
    invalid({ ...good, certificate: good.certificate.repeat(2) }, /cannot contain multiple certificates/);
    invalid({ ...good, key: userCa('other', ec).key }, /certificate key mismatch/);
    invalid({ ...good, key: 'x' }, /InvalidArgument/);
    invalid(userCa('short', ec.toSpliced(-1, 1, '20')), /CA certificate expires too soon/);
    invalid(userCa('ed', ['-newkey', 'ed25519', '-days', '800']), /must be ECDSA .* or RSA/);
    const noCa = userCa('leaf', [...ec, '-addext', 'basicConstraints=critical,CA:FALSE']);
    invalid(noCa, /is not one of a CA/);
  });
});

it('a list of revoked certificates names them as openssl reads it', async () => {
  const ca = await makeRootCa('swarm-peers');
  const revoked = [{ serial: '4a00ff', until: 1 }];
  for (const list of [[], revoked]) {
    const text = execFileSync('openssl', ['crl', '-noout', '-text'], { input: await makeCrl(ca, list) });
    expect(String(text).includes('4A00FF')).toBe(list.length > 0);
  }
});

describe('a rotation', () => {
  const spec = (CAConfig: SwarmCluster['spec']['CAConfig']) => ({ CAConfig }) as SwarmCluster['spec'];
  const roots = Promise.all([makeRootCa('swarm-ca'), makeRootCa('swarm-ca')]);

  /** Two nodes, and a rotation that has begun. */
  async function begun() {
    const [old, next] = await roots;
    const swarm = new Swarm();
    const [cluster] = swarm.view.all('cluster');
    if (!cluster) throw new Error('no cluster');
    const keys = { ...cluster, rootKey: old.key, workerToken: 'w', managerToken: 'm' };
    const before = {
      cluster: { ...cluster, rootCa: old.certificate },
      keys: keys as unknown as SwarmKeys,
    };
    const rotated = withNextRoot(before, { ...next, crossSigned: 'crossed' });
    swarm.put({ table: 'cluster', put: rotated.cluster }, { table: 'keys', put: rotated.keys });
    const ids = ['one', 'two'].map((name) => {
      const node = swarm.node(name);
      const certificate = certifiedBy(old.certificate, old.certificate);
      swarm.put({ table: 'nodes', put: { ...node, certificate } });
      return node.id;
    });
    const finish = () => swarm.commit(finishRotation({ now: 0, newToken }));
    const say = (id: string, ca: Credentials, trusted: Credentials) =>
      swarm.commit(
        certified(
          { id, now: 0 },
          { issuer: issuerOf(ca.certificate).publicKey, root: fingerprintOf(trusted.certificate) },
        ),
      );
    const now = () => ({
      cluster: [...swarm.view.all('cluster')][0] as SwarmCluster,
      keys: [...swarm.view.all('keys')][0] as SwarmKeys,
    });
    return { swarm, ids, old, next, before, rotated, finish, say, now };
  }

  it('is asked for by a count that differs, or by a certificate', () => {
    expect(asksRotation(spec({}), spec({ ForceRotate: 0 }))).toBe(false);
    expect(asksRotation(spec({ ForceRotate: 1 }), spec({ ForceRotate: 2 }))).toBe(true);
    expect(asksRotation(spec({}), spec({ SigningCACert: 'x' }))).toBe(true);
  });

  it('is over once every node has said that its certificate is by the next root CA', async () => {
    const { ids, old, next, finish, say, now } = await begun();
    expect(signingCa(now().cluster, now().keys)).toEqual({ ca: next, crossSigned: 'crossed' });
    for (const id of ids) {
      expect(finish()).toBe(false);
      say(id, next, old);
    }
    expect(finish()).toBe(true);
    const { cluster, keys } = now();
    expect(cluster).toMatchObject({ rootCa: next.certificate, crossSigned: 'crossed', nextRoot: undefined });
    expect(keys).toMatchObject({ rootKey: next.key, nextRootKey: undefined });
    for (const token of [keys.workerToken, keys.managerToken])
      expect(token.slice(0, 59)).toBe(newToken(next.certificate).slice(0, 59));
    expect(finish()).toBe(false);
    // who has not seen the change yet still takes them
    expect(signingCa(cluster, keys)).toEqual({ ca: next, crossSigned: 'crossed' });
  });

  it('waits for a node that trusts it only after it is over, and says so of each', async () => {
    const { swarm, ids, old, next, finish, say } = await begun();
    for (const id of ids) say(id, next, old);
    finish();
    const [first = '', second = ''] = ids;
    say(first, next, next);
    expect(swarm.view.get('nodes', first)?.certificate?.trustRoot).toBe(next.certificate);
    expect(swarm.view.get('nodes', second)?.certificate?.trustRoot).toBe(old.certificate);
  });

  it('ends where it began when the root CA of now is asked for', async () => {
    const { rotated, old, before } = await begun();
    const back = withNextRoot(rotated, { ...old, crossSigned: '' });
    expect(back.cluster.nextRoot).toBeUndefined();
    expect(signingCa(back.cluster, back.keys)).toEqual({ ca: old, crossSigned: '' });
    expect(back.cluster.rootCa).toBe(before.cluster.rootCa);
  });

  it('goes on when the one that it goes to is asked for again', async () => {
    const { rotated, next } = await begun();
    expect(withNextRoot(rotated, { ...next, crossSigned: 'again' })).toEqual(rotated);
  });
});
