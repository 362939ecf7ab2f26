/**
 * Holds many neighbouring ports by two descriptors. With one for each, a range of 10,000 ports in two protocols and two
 * families needs more than a process may have by default.
 */
import { closeDescriptor } from '../descriptors.ts';
import { type HeldRange, type PortRange, RangeRefused } from '../flows.ts';
import type { Namespace } from '../kernel.ts';
import { openPort } from './hold.ts';
import { Transit } from './transit.ts';

/** Sockets that are open at once; one message carries as many. */
const batch = 250;

/** Throws RangeRefused, and then holds none. */
export function holdRange(host: Namespace, range: PortRange): HeldRange {
  const transit = new Transit();
  let held: readonly number[] = [];
  try {
    for (let from = range.first; from <= range.last; from += batch) {
      const some = { ...range, first: from, last: Math.min(range.last, from + batch - 1) };
      const opened = host.inside(() => openAll(some));
      held = [...held, ...opened.keys()];
      transit.send(opened);
    }
  } catch (error) {
    transit.close();
    throw error;
  }
  return {
    release(ports) {
      const gone = new Set(ports);
      const kept = held.filter((port) => !gone.has(port));
      if (kept.length === 0) transit.close();
      held =
        kept.length === 0 || kept.length === held.length ? kept : transit.keep((port) => !gone.has(port));
    },
  };
}

/** Sockets by port; none where the kernel lacks the protocol. */
function openAll({ protocol, address, first, last }: PortRange): ReadonlyMap<number, number> {
  const opened = new Map<number, number>();
  for (let port = first; port <= last; port++) {
    try {
      const fd = openPort(protocol, address, port);
      if (fd !== undefined) opened.set(port, fd);
    } catch (error) {
      for (const fd of opened.values()) closeDescriptor(fd);
      throw new RangeRefused(port, error);
    }
  }
  return opened;
}
