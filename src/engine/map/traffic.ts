/** Counters of the links in the picture, read when somebody looks. */
import { readFile } from 'node:fs/promises';
import type { Container } from '../../model/container.ts';
import { isAlive } from '../../model/container-state.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { Core } from '../core.ts';
import { dnsCounts } from '../dns-counts.ts';
import { type InterfaceCounters, parseCounters } from '../interface-counters.ts';
import { mapLimit } from '../limit.ts';
import type { MapTraffic } from '../map-verbs.ts';

type Counted = ReadonlyMap<string, InterfaceCounters>;

/** Files read at the same time. */
const atOnce = 16;

const readCounters = async (process: number | 'self'): Promise<Counted> =>
  parseCounters(await readFile(`/proc/${process}/net/dev`, 'utf8').catch(() => ''));

export async function readTraffic({
  model,
  resolver,
}: Pick<Core, 'model' | 'resolver'>): Promise<MapTraffic> {
  const [host, dns] = await Promise.all([readCounters('self'), dnsCounts(resolver)]);
  const endpoints = new Map<string, InterfaceCounters>();
  const links = new Map(host);
  const hidden = new Map<string, Endpoint[]>();
  for (const endpoint of model.all('endpoints')) {
    const other = host.get(endpoint.hostLink);
    links.delete(endpoint.hostLink);
    if (other) endpoints.set(endpoint.id, asOtherEnd(other));
    else hidden.set(endpoint.containerId, [...(hidden.get(endpoint.containerId) ?? []), endpoint]);
  }
  // links in namespaces of networks, and drivers without a link on the host
  const inside = [...hidden].flatMap(([id, theirs]): readonly [Container, readonly Endpoint[]][] => {
    const container = model.get('containers', id);
    return container && isAlive(container) ? [[container, theirs]] : [];
  });
  await mapLimit(inside, atOnce, async ([{ state }, theirs]) => {
    const counters = await readCounters(state.pid);
    for (const { id, ifname } of theirs) {
      const found = counters.get(ifname);
      if (found) endpoints.set(id, found);
    }
  });
  const networks = Array.from(model.all('networks')).flatMap(({ id, link }) => {
    const found = host.get(link);
    return found ? [[id, found] as const] : [];
  });
  return { at: performance.now(), endpoints, networks: new Map(networks), links, dns };
}

/** What one end of a pair sends, the other one receives. */
export const asOtherEnd = (counters: InterfaceCounters): InterfaceCounters => ({
  ...{ rxBytes: counters.txBytes, rxPackets: counters.txPackets },
  ...{ rxErrors: counters.txErrors, rxDropped: counters.txDropped },
  ...{ txBytes: counters.rxBytes, txPackets: counters.rxPackets },
  ...{ txErrors: counters.rxErrors, txDropped: counters.rxDropped },
});
