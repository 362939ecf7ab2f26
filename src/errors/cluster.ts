/** Errors of a cluster: the records that its hosts share. */
import { type Entry, q } from './entry.ts';

export const clusterErrors = {
  CLUSTER_NONE: [
    'unavailable',
    (): string => 'this engine is in no cluster: it was started without --cluster-store',
  ],
  CLUSTER_NOT_READ: [
    'unavailable',
    (store: string): string => `the cluster store ${store} has not been read yet: try again in a moment`,
  ],
  CLUSTER_REPLACED: [
    'unavailable',
    (): string =>
      'the cluster store was wiped or restored, and the hosts are writing back what is theirs: try again in a moment',
  ],
  CLUSTER_NEWER: [
    'unavailable',
    (level: number, known: number): string =>
      `the cluster writes records of format ${level}, this engine knows ${known}: nothing is changed until it is updated`,
  ],
  CLUSTER_NODE_TWICE: [
    'conflict',
    (id: string, name: string, address: string): string =>
      `another engine (${name}, ${address}) is in the cluster with the id of this one, ${id.slice(0, 12)}: was the data root copied?`,
  ],
  CLUSTER_NODE_NOT_FOUND: ['notFound', (ref: string): string => `no node of the cluster is ${q(ref)}`],
  CLUSTER_NODE_AMBIGUOUS: [
    'invalid',
    (ref: string, count: number): string => `node ${ref} is ambiguous (${count} matches)`,
  ],
  CLUSTER_NODE_LIVE: [
    'conflict',
    (name: string): string => `node ${name} is in the cluster: only one that is gone can be forgotten`,
  ],
  CLUSTER_ADDRESS: ['invalid', (why: string): string => why],
  NETWORK_GOING: ['conflict', (name: string): string => `network ${name} is being removed by another host`],
} as const satisfies Record<string, Entry>;
