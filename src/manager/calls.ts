/** Calls of a node that becomes a manager. */
import type { ManagerKeys } from './node-files.ts';

/** PEM of a request for a certificate among the members of etcd, and the address of the new one. */
export interface EnrollCall {
  readonly request: string;
  /** `IP:port` of its manager API. */
  readonly place: string;
}

export interface Enrolled {
  readonly state: string;
  readonly peerCa: string;
  readonly peerCertificate: string;
  /** The members there are, `name=url`. */
  readonly others: readonly string[];
}

export const keysOf = ({ state, peerCa, peerCertificate }: Enrolled, key: string): ManagerKeys => ({
  ...{ state, peerCa, peer: { certificate: peerCertificate, key } },
});
