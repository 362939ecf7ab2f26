/**
 * Which of the ports that obey the host's firewall it refuses. A packet of a stranger is let arrive for each, and followed: what
 * INPUT accepts comes back by a link of the engine, where it is stopped, so that no container gets it.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isAnyHost } from '../firewall/family-input.ts';
import { obeyLinks } from '../firewall/input.ts';
import { publishedRuns } from '../firewall/port-runs.ts';
import type { TraceStep } from '../kernel/inspect/contract.ts';
import { placeOf } from '../model/ports.ts';
import type { PortMapping } from '../model/sandbox.ts';
import { bare, isLinkLocal } from '../net/address.ts';
import { type Family, familyOf } from '../net/family.ts';
import type { Core } from './core.ts';

type Looking = Pick<Core, 'kernel' | 'logger'>;

/** Addresses that nobody has (RFC 5737, RFC 3849), by which packets of the whole world are meant. */
const stranger = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;
/** Milliseconds in which a packet has passed all rules. */
const patience = 200;
/** Milliseconds between looks. */
const step = 10;
/** Ports, or ranges of them, that are tried at most; of a range it is the first port. */
const mostTried = 64;

interface Tried {
  readonly ports: readonly PortMapping[];
  readonly protocol: 'tcp' | 'udp';
  readonly link: string;
  readonly destination: string;
  readonly port: number;
}

/** The places (`placeOf`) of those that are refused. What cannot be tried is not among them. */
export async function refusedPlaces(
  core: Looking,
  ports: readonly PortMapping[],
): Promise<ReadonlySet<string>> {
  const obeying = ports.filter(({ policy }) => policy === 'host');
  if (obeying.length === 0) return new Set();
  try {
    const groups = Map.groupBy(
      triedOf(core, obeying),
      ({ protocol, destination }) => `${protocol}${familyOf(destination)}`,
    );
    const refused: string[] = [];
    for (const group of groups.values())
      for (const one of await refusedOf(core, group)) refused.push(...one.ports.map(placeOf));
    return new Set(refused);
  } catch (error) {
    core.logger.warn("whether the host's firewall refuses published ports cannot be told", { error });
    return new Set();
  }
}

function triedOf({ kernel }: Looking, ports: readonly PortMapping[]): readonly Tried[] {
  const links = { 4: uplinkOf(kernel, 4), 6: uplinkOf(kernel, 6) };
  const byRun = publishedRuns(ports.map((port) => ({ ...port, link: '' })));
  return byRun.slice(0, mostTried).flatMap((run): readonly Tried[] => {
    const { protocol, hostIP, hostPort, hostPortEnd = hostPort } = run;
    const { link, address } = links[familyOf(hostIP)];
    const destination = isAnyHost(hostIP) ? address : hostIP;
    if (protocol === 'sctp' || link === '' || destination === '') return [];
    const isOfRun = (port: PortMapping): boolean =>
      port.protocol === protocol &&
      port.hostIP === hostIP &&
      port.hostPort >= hostPort &&
      port.hostPort <= hostPortEnd;
    return [{ ports: ports.filter(isOfRun), protocol, link, destination, port: hostPort }];
  });
}

/** The link by which strangers come, and its address. */
function uplinkOf(
  kernel: Core['kernel'],
  family: Family,
): { readonly link: string; readonly address: string } {
  const { link, refused } = kernel.inspect(kernel.host).routeTo({ to: stranger[family] });
  const found = refused === '' ? kernel.host.route.findLink(link) : undefined;
  if (!found) return { link: '', address: '' };
  const addresses = kernel.host.route.listAddresses(found.index).map(({ address }) => bare(address));
  const address = addresses.find((one) => familyOf(one) === family && !isLinkLocal(one)) ?? '';
  return { link, address };
}

/** Of one family and protocol. */
async function refusedOf({ kernel }: Looking, tried: readonly Tried[]): Promise<readonly Tried[]> {
  const [first] = tried;
  if (!first) return [];
  const { protocol, destination } = first;
  const flow = { protocol, port: randomInt(0xf000, 0xffff) };
  const inspector = kernel.inspect(kernel.host);
  const trace = inspector.trace({ flow, stopFrom: obeyLinks.back });
  try {
    for (const { link, destination: to, port } of tried) {
      const source = stranger[familyOf(destination)];
      await inspector.arrive({ link, source, destination: to, protocol, sourcePort: flow.port, port });
    }
    const rest = (): readonly Tried[] => {
      const through = acceptedPorts(trace.read());
      return tried.filter(({ port }) => !through.has(port));
    };
    for (let waited = 0; waited < patience && rest().length > 0; waited += step) await delay(step);
    return rest();
  } finally {
    trace.close();
  }
}

/** Of the packets that have come back and passed whatever the host asks of those that arrive. */
function acceptedPorts(steps: readonly TraceStep[]): ReadonlySet<number> {
  const asked = new Map<number, number>();
  for (const { packet, from, header } of steps)
    if (from === obeyLinks.back && header && !asked.has(packet)) asked.set(packet, header.destinationPort);
  return new Set(steps.flatMap(({ packet, stopped }) => (stopped ? (asked.get(packet) ?? []) : [])));
}
