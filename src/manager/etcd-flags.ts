/** How a manager's member of etcd is started. */
import { join } from 'node:path';
import { writeWholeSync } from '../files/write-whole.ts';
import { joinHostPort } from '../net/address.ts';
import type { ManagerKeys } from './node-files.ts';

/** TCP port of the members among each other; managers alone have it open. */
export const peerPort = 7946;

export interface EtcdMember {
  readonly nodeId: string;
  readonly clusterId: string;
  /** IP addresses. */
  readonly listen: string;
  readonly advertise: string;
  /** All of them, `name=url`; alone where it begins the swarm. */
  readonly others: readonly string[];
  readonly isNew: boolean;
  /** It elects itself and need not wait for others. */
  readonly isAlone?: boolean;
  /** It has a list of certificates that are revoked. */
  readonly hasCrl?: boolean;
}

/** What one transaction and one value may have, here and in its settings. */
export const storeLimits = {
  operations: 8_192,
  value: 4 << 20,
  transaction: 24 << 20,
} as const;
const requestBytes = 32 << 20;
const quota = 8 * 2 ** 30;
/** Managers that fall behind further read the whole state again. */
const revisionsKept = 1_000;
/** Changes that etcd keeps in memory for members that are behind, and after how many it drops older ones. */
const [entriesKept, entriesMore] = [500, 1_000];

export const peerUrl = (address: string): string => `https://${joinHostPort(address, peerPort)}`;

const [caName, certificateName, keyName, crlName] = ['peer-ca.pem', 'peer.pem', 'peer.key', 'peer-crl.pem'];

/** In the run folder, which does not outlive a boot: on disk the key is in the node's own file alone. */
export function writePeerKeys(run: string, { peer, peerCa, peerCrl }: ManagerKeys): void {
  writeWholeSync(join(run, caName), peerCa, { flush: false });
  writeWholeSync(join(run, certificateName), peer.certificate, { flush: false });
  writeWholeSync(join(run, keyName), peer.key, { flush: false });
  if (peerCrl !== undefined) writeWholeSync(join(run, crlName), peerCrl, { flush: false });
}

/** Milliseconds; the same in all members. */
const timesOf = (isAlone: boolean): readonly string[] => [
  ...['--heartbeat-interval', isAlone ? '10' : '100'],
  ...['--election-timeout', isAlone ? '100' : '1000'],
];

/** The first of them that this etcd knows. */
const known = (help: string, flags: readonly string[]): readonly string[] =>
  flags.filter((flag) => new RegExp(`(^|\\s)${flag}\\b`).test(help)).slice(0, 1);

/** Garbage of half of what is in use is enough: etcd's share of a manager's memory is its greatest. */
export const etcdEnvironment = { GOGC: '50' } as const;

/** `help`: what `etcd --help` says, since names of flags change with versions. */
export function etcdFlags(
  { nodeId, clusterId, listen, advertise, others, isNew, isAlone = false, hasCrl = false }: EtcdMember,
  help: string,
): readonly string[] {
  const here = `${nodeId}=${peerUrl(advertise)}`;
  return [
    ...['--name', nodeId, '--log-level', 'error'],
    ...['--listen-peer-urls', peerUrl(listen), '--initial-advertise-peer-urls', peerUrl(advertise)],
    ...['--initial-cluster', [here, ...others].join(','), '--initial-cluster-token', clusterId],
    ...['--initial-cluster-state', isNew ? 'new' : 'existing'],
    ...timesOf(isAlone),
    ...['--peer-client-cert-auth', '--peer-trusted-ca-file', caName],
    ...['--peer-cert-file', certificateName, '--peer-key-file', keyName],
    ...(hasCrl ? ['--peer-crl-file', crlName] : []),
    // a peer behind NAT comes from another address than its certificate has
    ...known(help, [
      '--peer-skip-client-san-verification',
      '--experimental-peer-skip-client-san-verification',
    ]),
    ...['--auto-compaction-mode', 'revision', '--auto-compaction-retention', `${revisionsKept}`],
    ...['--snapshot-count', `${entriesMore}`],
    ...known(help, ['--snapshot-catchup-entries', '--experimental-snapshot-catchup-entries']).flatMap(
      (flag) => [flag, `${entriesKept}`],
    ),
    ...['--quota-backend-bytes', `${quota}`],
    ...['--max-txn-ops', `${storeLimits.operations + 64}`, '--max-request-bytes', `${requestBytes}`],
  ];
}
