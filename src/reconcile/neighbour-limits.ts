/**
 * The kernel keeps the neighbours (ARP, NDP) of all namespaces in one table per family. With `gc_thresh3`
 * entries, by default 1,024, the table is full and new neighbours are not resolved ("neighbour: arp_cache: neighbor
 * table overflow!"). Every endpoint needs some entries, so the limit grows with them. Only the initial
 * namespace has the setting; elsewhere, and where it cannot be written, the log says what to set.
 */
import { messageOf } from '../errors.ts';
import type { Namespace } from '../kernel/kernel.ts';
import type { Facts } from '../objects/object.ts';
import type { Logger } from '../observe/logger.ts';

/**
 * The gateway in the endpoint's namespace, the endpoint in the host's, and entries for three neighbours in both
 * directions. Unused entries take no memory.
 */
const perEndpoint = 8;
/** Of Linux (net/ipv4/arp.c, net/ipv6/ndisc.c). */
const usualLimit = 1024;

/** The least `gc_thresh3` for a number of endpoints: a power of two, so that it seldom changes. */
export const neighboursFor = (endpoints: number): number =>
  Math.max(usualLimit, 2 ** Math.ceil(Math.log2(endpoints * perEndpoint || 1)));

export interface NeighbourContext {
  readonly host: Pick<Namespace, 'readSysctl' | 'writeSysctl'>;
  facts(): Pick<Facts, 'ipv6'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

export class NeighbourLimits {
  readonly #context: NeighbourContext;
  #known = usualLimit;

  constructor(context: NeighbourContext) {
    this.#context = context;
  }

  /** Reads the kernel only when the endpoints need more than ever before. Never throws. */
  ensure(endpoints: number): void {
    const wanted = neighboursFor(endpoints);
    if (wanted <= this.#known) return;
    this.#known = wanted;
    for (const family of this.#context.facts().ipv6 ? (['ipv4', 'ipv6'] as const) : (['ipv4'] as const))
      this.#raise(family, wanted, endpoints);
  }

  #raise(family: 'ipv4' | 'ipv6', wanted: number, endpoints: number): void {
    const { host, logger } = this.#context;
    const key = (threshold: number): string => `net/${family}/neigh/default/gc_thresh${threshold}`;
    const current = host.readSysctl(key(3));
    const why = raiseTo(wanted, { host, key });
    if (why)
      logger.warn('the neighbour table of this machine may become too small: neighbours will not be found', {
        endpoints,
        limit: current ?? 'unknown',
        set: `${key(3).replaceAll('/', '.')}=${wanted}`,
        why,
      });
    else if (Number(current) < wanted)
      logger.info('raised the limit of the neighbour table', {
        family,
        endpoints,
        from: current,
        to: wanted,
      });
  }
}

interface Thresholds {
  readonly host: NeighbourContext['host'];
  key(threshold: number): string;
}

/** Returns the reason of a failure, or ''. From the last to the first, so that they are in order at any time. */
function raiseTo(wanted: number, { host, key }: Thresholds): string {
  const values = new Map([
    [3, wanted],
    [2, wanted / 2],
    [1, wanted / 4],
  ]);
  const current = host.readSysctl(key(3));
  if (current === undefined) return "only the machine's first network namespace has this setting";
  if (Number(current) >= wanted) return '';
  try {
    for (const [threshold, value] of values)
      if (Number(host.readSysctl(key(threshold))) < value) host.writeSysctl(key(threshold), String(value));
    return '';
  } catch (error) {
    return messageOf(error);
  }
}
