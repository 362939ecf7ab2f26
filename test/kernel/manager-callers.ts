/** Who may call a manager's port for nodes, and what each gets. */
import { connect } from 'node:http2';
import { request } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { makeCredentials, makeRootCa } from '../../src/manager/certificates.ts';
import type { Manager } from '../../src/manager/manager.ts';
import { paths } from '../../src/manager/protocol.ts';
import type { Credentials } from '../../src/manager/root-ca.ts';
import type { SwarmStore } from '../../src/swarm/access.ts';

export type Caller =
  | 'stranger'
  | 'foreign'
  | 'otherSwarm'
  | 'expired'
  | 'removed'
  | 'demoted'
  | 'worker'
  | 'manager';
const outsiders = {
  stranger: '401 SWARM_UNAUTHENTICATED',
  foreign: '401 SWARM_UNAUTHENTICATED',
  otherSwarm: '401 SWARM_UNAUTHENTICATED',
  expired: '401 SWARM_UNAUTHENTICATED',
  removed: '403 SWARM_DENIED',
} as const;
const all = (said: string): Readonly<Record<Caller, string>> => ({
  ...{ stranger: said, foreign: said, otherSwarm: said, expired: said, removed: said },
  ...{ demoted: said, worker: said, manager: said },
});
const ofManagers = (said: string): Readonly<Record<Caller, string>> => ({
  ...{ ...outsiders, demoted: '403 SWARM_DENIED', worker: '403 SWARM_DENIED', manager: said },
});
const ofNodes = (said: string): Readonly<Record<Caller, string>> => ({
  ...{ ...outsiders, demoted: said, worker: said, manager: said },
});
/** What each kind of caller gets from each route: a route without a line here does not compile. */
export const answersTo: Readonly<Record<keyof typeof paths, Readonly<Record<Caller, string>>>> = {
  ca: all('200 now rootCa'),
  join: all('400 SWARM_INVALID'),
  renew: ofNodes('400 SWARM_INVALID'),
  session: ofNodes('200'),
  enroll: ofManagers('400 SWARM_INVALID'),
  admit: ofManagers('400 SWARM_INVALID'),
  log: ofManagers('400 SWARM_INVALID'),
  acknowledged: ofManagers('200'),
};

/** One of each kind, with what it calls; `like`: a node that there is. */
export async function callersOf(
  { store }: Manager,
  like: string,
): Promise<Readonly<Record<Caller, Credentials | undefined>>> {
  const [keys] = store.view.all('keys');
  const [cluster] = store.view.all('cluster');
  const node = store.view.get('nodes', like);
  if (!(keys && cluster && node)) throw new Error('no records');
  const { manager: _manager, peerCertificates: _certificates, ...plain } = node;
  const ca = { certificate: cluster.rootCa, key: keys.rootKey };
  const life = 3_600_000;
  const put = (id: string, Role: 'manager' | 'worker') =>
    ({ table: 'nodes', put: { ...plain, id, spec: { ...node.spec, Role } } }) as const;
  const [worker = '', demoted = '', other = '', removed = ''] = ['w', 'd', 'm', 'r'].map((one) =>
    one.repeat(25),
  );
  await store.transact(() => ({
    changes: [put(worker, 'worker'), put(demoted, 'worker'), put(other, 'manager')],
    result: undefined,
  }));
  const made = (nodeId: string, role: 'manager' | 'worker', more: object = {}): Promise<Credentials> =>
    makeCredentials({ ca, life, subject: { nodeId, role, clusterId: cluster.id }, ...more });
  return {
    stranger: undefined,
    foreign: await made(other, 'manager', { ca: await makeRootCa('swarm-ca') }),
    otherSwarm: await made(other, 'manager', { subject: { nodeId: other, role: 'manager', clusterId: 'x' } }),
    expired: await made(other, 'manager', { life: -1 }),
    removed: await made(removed, 'manager'),
    // it has the certificate of a manager still
    demoted: await made(demoted, 'manager'),
    worker: await made(worker, 'worker'),
    manager: await made(other, 'manager'),
  };
}

interface Call {
  readonly route: keyof typeof paths;
  readonly by: Credentials | undefined;
  /** Callers without a certificate are counted by address. */
  readonly from: string;
}

/** Status and code of a refusal; of an answer that is given, its places. */
export async function callOf(place: string, { route, by, from }: Call): Promise<string> {
  const [host = '', port = ''] = place.split(':');
  const socket = connectTls({
    ...{ host, port: Number(port), localAddress: from, ALPNProtocols: ['h2'], rejectUnauthorized: false },
    ...(by && { key: by.key, cert: by.certificate }),
  });
  const session = connect(`https://${place}`, { createConnection: () => socket });
  session.on('error', () => undefined);
  const stream = session.request({ ':method': 'POST', ':path': paths[route] });
  const isLong = route === 'session' || route === 'acknowledged';
  if (!isLong) stream.end('{}');
  const { promise, resolve } = Promise.withResolvers<string>();
  let [status, text] = ['', ''];
  stream.on('error', () => resolve('nothing'));
  stream.on('response', (headers) => {
    status = `${headers[':status']}`;
    if (isLong && status === '200') resolve('200');
  });
  stream.on('data', (data) => {
    text += data;
  });
  stream.on('end', () => {
    const said = JSON.parse(text || '{}') as Record<string, unknown>;
    resolve(`${status} ${said.code ?? Object.keys(said).toSorted().join(' ')}`);
  });
  try {
    return await promise;
  } finally {
    session.destroy();
  }
}

/** Among the members of the store, with a certificate that is over. */
export async function expiredPeer(
  store: SwarmStore,
  { nodeId, clusterId }: { readonly nodeId: string; readonly clusterId: string },
): Promise<Credentials> {
  const [keys] = store.view.all('keys');
  const ca = { certificate: keys?.peerCa ?? '', key: keys?.peerKey ?? '' };
  return makeCredentials({ ca, subject: { nodeId, clusterId, role: 'manager' }, life: -1 });
}

/** What the port of the members answers; '' for nothing. */
export async function peerAnswer(
  host: string | undefined,
  { by, ca }: { readonly by: Credentials | undefined; readonly ca: string },
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const asking = request(
    {
      ...{ host, port: 7946, path: '/version', ca, agent: false },
      ...(by && { key: by.key, cert: by.certificate }),
    },
    (response) => response.on('data', (data) => resolve(String(data))),
  );
  asking.on('error', () => resolve(''));
  asking.setTimeout(20_000, () => resolve('no answer'));
  asking.end();
  return promise;
}
