/** Chance and time of a swarm's transitions and decisions, handed in. */

export interface SwarmGenerators {
  /** 25 characters of 0-9a-z. */
  id(): string;
  /** A locally administered unicast MAC address. */
  mac(): string;
  /** An integer of [0, below). */
  below(limit: number): number;
}

export interface SwarmContext {
  readonly generate: SwarmGenerators;
  /** Milliseconds since the epoch, by the clock of the manager that decides; with fractions. */
  readonly now: number;
}

/** What the leader decides by, besides the records. */
export interface Moment extends SwarmContext {
  /** The newest revision that the node has acknowledged, by which its kernel has what it was assigned; 0 for none. */
  acknowledged(nodeId: string): number;
}

/** RFC 3339 in UTC with nine digits of a second. */
export function timeText(milliseconds: number): string {
  const whole = Math.floor(milliseconds);
  const rest = Math.floor((milliseconds - whole) * 1e6);
  return `${new Date(whole).toISOString().slice(0, 23)}${String(rest).padStart(6, '0')}Z`;
}

/** Milliseconds since the epoch; digits below a microsecond are lost. */
export const timeOf = (text: string): number => {
  const parsed = Date.parse(text.replace(/(\.\d{3})\d*Z$/, '$1Z'));
  return Number.isNaN(parsed) ? 0 : parsed;
};

/** Of the API's nanoseconds. */
export const millisecondsOf = (nanoseconds: number): number => nanoseconds / 1e6;

/** An id from 16 random bytes. */
export function swarmIdOf(random: Uint8Array): string {
  let value = 0n;
  for (const byte of random) value = value * 256n + BigInt(byte);
  return value.toString(36).padStart(25, '0').slice(-25);
}
