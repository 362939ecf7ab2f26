/** How a network's endpoints announce their addresses (`com.docker.network.advertise_addr_*`). */
import { fail } from '../errors.ts';
import type { Options } from './option-values.ts';

export interface Announcing {
  /** How many times each address is announced; 0: not at all. */
  readonly count: number;
  /** Milliseconds from one time to the next. */
  readonly interval: number;
}

interface Range {
  readonly key: string;
  readonly least: number;
  readonly most: number;
  readonly otherwise: number;
  /** Docker's words for valid values. */
  readonly words: string;
}

/** One frame suffices on the local bridge; repeats are for peers behind an uplink. */
const countRange: Range = {
  key: 'com.docker.network.advertise_addr_nmsgs',
  least: 0,
  // MAX_NEIGHBOR_ADVERTISEMENT of RFC 4861, 10
  most: 3,
  otherwise: 3,
  words: 'an integer',
};

const intervalRange: Range = {
  key: 'com.docker.network.advertise_addr_ms',
  least: 100,
  most: 2000,
  // RetransTimer of RFC 4861, 7.2.6
  otherwise: 1000,
  words: 'integer milliseconds',
};

function readWithin(options: Options, { key, least, most, otherwise, words }: Range): number {
  const text = options[key];
  if (text === undefined) return otherwise;
  if (!/^[+-]?\d+$/.test(text))
    throw fail('NETWORK_OPTION_INVALID', `value for option ${key} ${JSON.stringify(text)} must be ${words}`);
  const value = Number(text);
  if (value < least || value > most)
    throw fail('NETWORK_OPTION_INVALID', `${key} must be in the range ${least} to ${most}`);
  return value;
}

/** Throws NETWORK_OPTION_INVALID in Docker's words. */
export const readAnnouncing = (options: Options): Announcing => ({
  count: readWithin(options, countRange),
  interval: readWithin(options, intervalRange),
});

/** Of a network that asks for nothing. */
export const usual: Announcing = readAnnouncing({});
