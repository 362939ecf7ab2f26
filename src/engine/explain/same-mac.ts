/** Finds another container of the network with the MAC address of one of both ends. */
import type { End } from '../../explain/ends.ts';
import type { Evidence } from '../../explain/evidence.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { Explaining } from './explaining.ts';
import { spaceOf } from './look.ts';
import type { Known } from './observe.ts';

/** Containers of a network whose links are looked at. */
const most = 256;
/** Between them others are served. */
const atOnce = 16;

/** Of networks that are bridges; interfaces of ipvlan have one MAC by design. */
export async function sameMac(core: Explaining, known: Known): Promise<Evidence['sameMac']> {
  const { model } = core;
  for (const end of [known.receiver, known.from])
    for (const mine of endpointsOn(known, end)) {
      const network = model.get('networks', mine.networkId);
      if (!network || !(model.drivers.find(network.driver).forwarding || network.overlay)) continue;
      const macs = new Set([mine.mac, actualMac(core, mine)]);
      macs.delete('');
      const found = await holderAmong(core, { mine, macs });
      if (found) return { of: mine.name, ...found };
    }
  return undefined;
}

function endpointsOn({ common }: Known, end: End): readonly Endpoint[] {
  if (end.kind !== 'container') return [];
  return end.endpoints.filter(
    ({ networkId }) => common.length === 0 || common.some(({ network }) => network.id === networkId),
  );
}

const actualMac = (core: Explaining, endpoint: Endpoint): string =>
  spaceOf(core, endpoint)?.route.findLink(endpoint.ifname)?.mac ?? '';

async function holderAmong(
  core: Explaining,
  { mine, macs }: { readonly mine: Endpoint; readonly macs: ReadonlySet<string> },
): Promise<{ readonly other: string; readonly mac: string } | undefined> {
  const others = [...core.model.endpointsOfNetwork(mine.networkId)].filter(
    ({ sandboxId, ifname }) => sandboxId !== mine.sandboxId && ifname !== '',
  );
  for (const [number, other] of others.slice(0, most).entries()) {
    const mac = [other.mac, actualMac(core, other)].find((each) => macs.has(each));
    if (mac !== undefined) return { other: other.name, mac };
    if (number % atOnce === atOnce - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return undefined;
}
