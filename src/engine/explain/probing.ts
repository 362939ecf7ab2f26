/** Sends a probe and follows it through every namespace of the way that is on this host. */
import { randomInt } from 'node:crypto';
import { fail } from '../../errors.ts';
import { commonNetworks } from '../../explain/ends.ts';
import type { Place, Result } from '../../explain/evidence.ts';
import type { Target } from '../../explain/question.ts';
import type { Arrival, Flow, Trace, TraceOptions } from '../../kernel/inspect/contract.ts';
import type { Namespace } from '../../kernel/kernel.ts';
import { dataPortOf, securePortOf } from '../../model/node.ts';
import { contains, parseAddress, parseCidr } from '../../net/address.ts';
import { type Family, familyOf } from '../../net/family.ts';
import { networkNamespace } from '../../objects/namespace-ref.ts';
import { type Closable, closeAll } from './close-all.ts';
import { type Attempt, type Explaining, inspectorOf, namespaceOf, somewhere } from './explaining.ts';
import { isAnswer, type Traced } from './rules.ts';

/** How a probe is followed. */
export interface Following {
  /** Milliseconds for an answer. */
  readonly limit: number;
  /** Names of links whose own rules are followed, and those of questions for neighbours; absent for neither. */
  readonly links?: (namespace: Namespace) => readonly string[];
}

interface Followed {
  readonly outcome: { readonly result: Result; readonly reason: string; readonly source: string };
  readonly traced: readonly Traced[];
  readonly echoed: boolean;
  readonly flow: Flow;
}

export async function sendAndFollow(
  core: Explaining,
  asked: Attempt,
  following: Following,
): Promise<Followed> {
  const { from, address } = asked;
  if (from.kind === 'outside') return { ...(await fromOutside(core, asked, following)), echoed: false };
  const sender = namespaceOf(core, from);
  if (!sender) throw fail('BUG', `a probe from ${from.name}`);
  const { target } = asked;
  const inspector = inspectorOf(core, sender);
  const opened: Closable[] = [];
  const open = <T extends Closable>(one: T): T => {
    opened.push(one);
    return one;
  };
  try {
    const { protocol, port = 0 } = target;
    const probe = open(inspector.openProbe({ to: address, protocol, port, limit: following.limit }));
    const echo = open(
      inspector.openProbe({ to: address, protocol: 'icmp', port: 0, limit: following.limit }),
    );
    const traces = openTraces(core, asked, { flow: probe.flow, following });
    for (const { trace } of traces) open(trace);
    const [outcome, echoed] = await Promise.all([probe.send(), echo.send()]);
    const traced = traces.map(({ trace, ...rest }) => ({ ...rest, steps: [...trace.read()] }));
    return { outcome, traced, echoed: echoed.result === 'answered', flow: probe.flow };
  } finally {
    closeAll(opened);
  }
}

/** Milliseconds for a probe whose answer does not matter. */
const haste = 100;

/** One more probe, which is not followed. */
export async function sendAgain(core: Explaining, asked: Attempt): Promise<void> {
  const { from, target, address } = asked;
  if (from.kind === 'outside')
    return void (await inspectorOf(core, core.kernel.host).arrive(arrivalOf(core, asked)));
  const sender = namespaceOf(core, from);
  if (!sender) return;
  const { protocol, port = 0 } = target;
  const probe = inspectorOf(core, sender).openProbe({ to: address, protocol, port, limit: haste });
  await probe.send().finally(() => probe.close());
}

/** TCP's flags of the answers. */
const SYN_ACK = 0x12;
const RST = 0x04;
/** Milliseconds between looks for an answer. */
const step = 50;

async function fromOutside(
  core: Explaining,
  asked: Attempt,
  following: Following,
): Promise<Omit<Followed, 'echoed'>> {
  const { target } = asked;
  const { kernel } = core;
  const arrival = arrivalOf(core, asked);
  const { source } = arrival;
  const flow: Flow = { protocol: target.protocol, port: arrival.sourcePort };
  const traces = openTraces(core, asked, { flow, keepFrom: arrival.link, following });
  try {
    await kernel.inspect(kernel.host).arrive(arrival);
    const host = traces.find(({ place }) => place === 'host');
    const answer = (): number | undefined =>
      host?.trace.read().find((one) => one.passed === 'postrouting' && isAnswer(one, flow))?.header?.flags;
    for (let waited = 0; waited < following.limit && answer() === undefined; waited += step)
      await new Promise((resolve) => setTimeout(resolve, step));
    const flags = answer();
    const traced = traces.map(({ trace, ...rest }) => ({ ...rest, steps: [...trace.read()] }));
    // else the receiver would repeat its answer
    if (flags === SYN_ACK) await kernel.inspect(kernel.host).arrive({ ...arrival, isEnd: true });
    return { outcome: { result: resultOf(flags, target), reason: '', source }, traced, flow };
  } finally {
    closeAll(traces.map(({ trace }) => trace));
  }
}

/** A packet from outside to the target, from a random port. Throws EXPLAIN_NO_UPLINK. */
function arrivalOf(core: Explaining, { from, target, address }: Attempt): Arrival {
  const source = from.kind === 'outside' ? from.address : '';
  const link = entranceOf(core, source);
  if (link === '') throw fail('EXPLAIN_NO_UPLINK', source);
  return {
    ...{ link, source, destination: address, protocol: target.protocol },
    ...{ sourcePort: randomInt(0xf000, 0xffff), port: target.port ?? 0 },
  };
}

/** The link by which packets from there arrive: that of the default routes, unless the address is a neighbour's. */
export function entranceOf({ kernel }: Explaining, source: string): string {
  const { routeTo } = kernel.inspect(kernel.host);
  const { link } = routeTo({ to: source });
  const found = kernel.host.route.findLink(link);
  const subnets = found ? kernel.host.route.listAddresses(found.index) : [];
  const isNeighbour = subnets.some(({ address }) => contains(parseCidr(address), parseAddress(source)));
  return isNeighbour ? link : routeTo({ to: somewhere[familyOf(source)] }).link;
}

function resultOf(flags: number | undefined, { protocol }: Target): Result {
  if (flags === undefined) return 'silent';
  if (protocol !== 'tcp') return 'answered';
  return (flags & RST) !== 0 ? 'refused' : 'connected';
}

interface OpenTrace {
  readonly place: Place;
  readonly namespace: Namespace;
  readonly trace: Trace;
}

/** In every namespace of the way that is on this host. */
function openTraces(
  core: Explaining,
  asked: Attempt,
  { following, ...options }: TraceOptions & { readonly following: Following },
): readonly OpenTrace[] {
  const { from, receiver } = asked;
  const places: [Place, Namespace][] = [['host', core.kernel.host]];
  const add = (place: Place, namespace: Namespace | undefined): void => {
    if (namespace && places.every(([, each]) => each !== namespace)) places.push([place, namespace]);
  };
  add('sender', namespaceOf(core, from));
  add('receiver', namespaceOf(core, receiver));
  const overlay = overlayOf(core, asked);
  if (overlay) add('network', core.reconciler.namespaceOf(networkNamespace(overlay.id)));
  const tunnel = overlay && {
    port: (overlay.overlay?.encrypted ? securePortOf : dataPortOf)(core.model.all('nodes')),
    family: familyOf(asked.address) as Family,
  };
  const opened: OpenTrace[] = [];
  try {
    for (const [place, namespace] of places) {
      const links = following.links?.(namespace);
      const deep = links && { deep: { links } };
      const here = place === 'host' ? { ...options, ...(tunnel && { tunnel }) } : { flow: options.flow };
      opened.push({ place, namespace, trace: inspectorOf(core, namespace).trace({ ...here, ...deep }) });
    }
    return opened;
  } catch (error) {
    closeAll(opened.map(({ trace }) => trace));
    throw error;
  }
}

function overlayOf(core: Explaining, { from, receiver }: Attempt) {
  const common = commonNetworks(core.model, { from, to: receiver });
  return common.map(({ network }) => network).find(({ overlay }) => overlay !== undefined);
}
