/** What the hosts of `bench/cluster-nodes.ts` and their parent share. */
import { createHash } from 'node:crypto';

/** What the parent asks for. */
export type Order =
  | { readonly order: 'begin'; readonly url: string; readonly number: number }
  | { readonly order: 'networks'; readonly count: number }
  | {
      readonly order: 'replace';
      readonly count: number;
      readonly networks: number;
      readonly round: number;
      readonly more?: true;
    }
  /** Answers once this host has that. */
  | { readonly order: 'until'; readonly wanted: Wanted }
  | { readonly order: 'own' | 'cost' | 'end' };

/** Digests of all members, of this host's plans, and of names. */
export interface Wanted {
  readonly members: string;
  readonly planned: string;
  readonly names: string;
}

export interface Cost {
  /** Of endpoints that this host knows. */
  readonly count: number;
  /** Times that an endpoint had to be asked for once more. */
  readonly again: number;
  /** Megabytes after a collection of garbage: in use by V8, and resident. */
  readonly heap: number;
  readonly rss: number;
  /** The longest turn of the event loop since it was last asked for, in milliseconds. */
  readonly longest: number;
}

export const hexId = (text: string): string => Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64);
export const digest = (lines: Iterable<string>): string =>
  createHash('sha256')
    .update([...lines].sort().join('\n'))
    .digest('hex')
    .slice(0, 16);
export const dataAddress = (number: number): string => `192.0.2.${number + 1}`;
