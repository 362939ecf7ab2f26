/** Rates from two readings of counters, and how they are written. */
import type { MapCounters, MapTraffic } from '#client/map-answers.ts';

/** Bytes in a second. */
export interface Rate {
  readonly received: number;
  readonly sent: number;
  /** Packets that were dropped since the last reading. */
  readonly dropped: number;
}

export type Rates = ReadonlyMap<string, Rate>;

type Counted = Readonly<Record<string, MapCounters>>;

/** Of endpoints, networks and links of the host, by id or name. */
export function ratesOf(before: MapTraffic, now: MapTraffic): Rates {
  const seconds = (now.At - before.At) / 1000;
  if (seconds <= 0) return new Map();
  const rates = new Map<string, Rate>();
  const add = (old: Counted, fresh: Counted): void => {
    for (const [id, counters] of Object.entries(fresh)) {
      const last = old[id];
      // counters of a link that was made again begin at zero
      const grown = last ? counters.map((value, i) => Math.max(0, value - (last[i] ?? 0))) : [];
      const [received = 0, sent = 0, , , dropped = 0] = grown;
      if (received + sent + dropped > 0)
        rates.set(id, { received: received / seconds, sent: sent / seconds, dropped });
    }
  };
  add(before.Endpoints, now.Endpoints);
  add(before.Networks, now.Networks);
  add(before.Links, now.Links);
  return rates;
}

/** `950 B/s`, `1.2 MB/s` */
export const rateText = (bytes: number): string => `${bytesText(bytes)}/s`;

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 9.95 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `950`, `1.2M`: bytes in a second, where there is little room. */
export const briefly = (bytes: number): string => bytesText(bytes).replace(/ (.?)B$/, '$1');

/** Width of a line: a thousand times as much is two pixels more. */
export const widthOf = ({ received, sent }: Rate): number =>
  1.5 + Math.min(5, Math.max(0, Math.log10(received + sent + 1) - 1) * 0.8);
