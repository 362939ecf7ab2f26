/** What a node and a manager say to each other: a line of JSON per message, over a stream of HTTP/2. */
import type { ErrorKind } from '../errors/entry.ts';
import { type ErrorCode, fail, SeawayError } from '../errors.ts';
import type { Network } from '../model/network.ts';
import type { AttachmentRequest, TaskLogRequest, TaskReport } from '../swarm/assignments.ts';
import type { PartsChange } from '../swarm/parts.ts';
import type { NodeDescription, SwarmTask } from '../swarm/records.ts';
import type { NodeRole } from '../swarm/spec.ts';

export const paths = {
  /** Without a certificate: the root CA, and a certificate for a token. */
  ca: '/v1/ca',
  join: '/v1/join',
  /** For nodes. */
  renew: '/v1/renew',
  session: '/v1/session',
  /** For one that is to be a manager: what it needs, and that it counts from now on. */
  enroll: '/v1/manager',
  admit: '/v1/manager/admit',
  /** For managers: the log of a task on a node that has its session there. */
  log: '/v1/log',
  /** To the manager that leads: what nodes have acknowledged. */
  acknowledged: '/v1/acknowledged',
} as const;

/** Bytes of a request without a certificate, of a message of a node, and of a manager. */
export const limits = { stranger: 64 << 10, node: 4 << 20, manager: 256 << 20 } as const;

export interface ManagerPlace {
  readonly nodeId: string;
  readonly address: string;
}

export interface JoinCall {
  readonly token: string;
  /** PEM, PKCS #10. */
  readonly request: string;
  readonly availability: string;
  /** Of its own manager API, where it becomes a manager; without a port the managers' own. */
  readonly address: string;
}

export interface Joined {
  readonly nodeId: string;
  readonly clusterId: string;
  readonly role: NodeRole;
  readonly certificate: string;
  readonly managers: readonly ManagerPlace[];
  /** UDP port of the tunnels between nodes. */
  readonly dataPathPort?: number;
}

export interface Refusal {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly message: string;
}

export type FromNode =
  | { readonly op: 'beat' }
  | { readonly op: 'describe'; readonly description: NodeDescription }
  | { readonly op: 'report'; readonly batch: number; readonly reports: readonly TaskReport[] }
  | { readonly op: 'acknowledge'; readonly revision: number }
  /** It has a certificate by that key, and trusts the root CA whose SHA-256 it is. */
  | { readonly op: 'certified'; readonly issuer: string; readonly root: string }
  | { readonly op: 'attach'; readonly call: number; readonly request: AttachmentRequest }
  | { readonly op: 'detach'; readonly call: number; readonly taskId: string }
  | { readonly op: 'rename'; readonly call: number; readonly taskId: string; readonly name: string }
  | { readonly op: 'leave'; readonly call: number }
  /** A piece of a log, base64; the last one may have the reason why it ends early. */
  | {
      readonly op: 'logged';
      readonly call: number;
      readonly data: string;
      readonly isOver?: boolean;
      readonly error?: string;
    };

export type ToNode =
  | { readonly op: 'beat' }
  /** First, and again when it changes. `period`: milliseconds between beats. */
  | {
      readonly op: 'welcome';
      readonly period: number;
      readonly role: NodeRole;
      readonly managers: readonly ManagerPlace[];
      /** The root CA that it is to trust, and the public key (base64 of DER) that its certificate is to be signed by. */
      readonly rootCa: string;
      readonly issuer: string;
    }
  /** What changed of the set since the last message, in a session's first one all of it. */
  | {
      readonly op: 'assignments';
      readonly generation: number;
      readonly revision: number;
      readonly isFirst: boolean;
      readonly change: PartsChange;
    }
  | { readonly op: 'reported'; readonly batch: number }
  | {
      readonly op: 'answer';
      readonly call: number;
      readonly attached?: { readonly task: SwarmTask; readonly network: Network };
      readonly refusal?: Refusal;
    }
  | { readonly op: 'log'; readonly call: number; readonly request: TaskLogRequest }
  /** The last piece was taken. */
  | { readonly op: 'log-more'; readonly call: number }
  | { readonly op: 'log-stop'; readonly call: number }
  /** The node is no longer of the swarm. */
  | { readonly op: 'removed' };

/** What of an error is told to a node. */
export function refusalOf(thrown: unknown): Refusal {
  const known = thrown instanceof SeawayError ? thrown : fail('SWARM_UNKNOWN', 'the manager has failed');
  return { code: known.code, kind: known.kind, message: known.message };
}

export const errorOf = ({ code, kind, message }: Refusal): SeawayError =>
  new SeawayError(code, kind, message);
