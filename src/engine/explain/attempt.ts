/** One attempt: sends a probe, follows it, and gathers what else there is to know of its way. */
import { isAnswered } from '../../explain/diagnose.ts';
import { commonNetworks } from '../../explain/ends.ts';
import type { Drop, Evidence } from '../../explain/evidence.ts';
import type { Flow } from '../../kernel/inspect/contract.ts';
import { familyOf } from '../../net/family.ts';
import { type Attempt, type Explaining, namespaceOf } from './explaining.ts';
import {
  claimantsOf,
  differencesOf,
  hostFacts,
  type Known,
  largePackets,
  listenersOf,
  mistakenNeighbour,
  routeOf,
} from './observe.ts';
import { sendAndFollow } from './probing.ts';
import { dropsOf, passagesOf, redirectedBy, type Traced } from './rules.ts';
import { sameMac } from './same-mac.ts';

export interface Attempted {
  readonly evidence: Evidence;
  readonly traced: readonly Traced[];
  readonly milliseconds: number;
  readonly source: string;
}

/** Milliseconds for an answer. */
const patience = 500;

export function knownOf(core: Explaining, asked: Attempt): Known {
  const { from, receiver, address, mapping } = asked;
  const common = mapping ? [] : commonNetworks(core.model, { from, to: receiver });
  return { ...asked, family: familyOf(address), common };
}

export async function attempt(core: Explaining, asked: Attempt): Promise<Attempted> {
  const { from, receiver, target, address, mapping } = asked;
  const known = knownOf(core, asked);
  // before the probe, since healing may put things back meanwhile
  const differences = await differencesOf(core, known);
  const before = performance.now();
  // at the same time as the probe
  const claiming = claimantsOf(core, { ...known, address: mapping?.address ?? address });
  // an error is thrown where it is awaited, which may be later
  claiming.catch(() => undefined);
  const { outcome, traced, echoed, flow } = await sendAndFollow(core, asked, { limit: patience });
  const milliseconds = performance.now() - before;
  const drops = await allDrops(core, { traced, flow });
  const passages = traced.flatMap((one) => passagesOf(one, flow));
  const isGood = isAnswered(outcome.result);
  const sender = namespaceOf(core, from);
  const listeners = await listenersOf(core, receiver);
  const { claimants: answering, rightfulAnswered } = await claiming;
  const claimants = answering.length > 0 || isGood ? answering : mistakenNeighbour(core, known);
  const largeVanish = isGood && echoed ? await largePackets(core, known) : undefined;
  const same = await sameMac(core, known);
  const redirected = await redirection(core, { asked, traced, flow });
  const evidence: Evidence = {
    ...{ view: core.model, from, to: receiver, target, family: known.family, address, drops, passages },
    ...(mapping && { mapping }),
    ...{ result: outcome.result, reason: outcome.reason, claimants, rightfulAnswered, echoed },
    ...(listeners && { listeners }),
    differences: isGood ? [] : differences,
    ...(largeVanish && { largeVanish }),
    ...(same && { sameMac: same }),
    ...(redirected && { redirected }),
    host: hostFacts(core, { ...known, passages }),
    ...(sender && !isGood ? routeOf(core, known) : { noRoute: '' }),
  };
  return { evidence, traced, milliseconds, source: outcome.source };
}

interface Followed {
  readonly traced: readonly Traced[];
  readonly flow: Flow;
}

export async function allDrops(core: Explaining, { traced, flow }: Followed): Promise<readonly Drop[]> {
  const drops: Drop[] = [];
  for (const one of traced) drops.push(...(await dropsOf(core, { traced: one, flow })));
  return drops;
}

/** A service, and a port of the mesh, may lead to any task. */
async function redirection(
  core: Explaining,
  { asked, traced, flow }: Followed & { readonly asked: Attempt },
): Promise<Evidence['redirected']> {
  const { receiver, target, address, mapping } = asked;
  const onHost = traced.find(({ place }) => place === 'host');
  if (!onHost || target.protocol === 'icmp' || receiver.kind === 'service') return undefined;
  if (mapping && mapping.endpointId === '') return undefined;
  const addresses = [address, ...(mapping ? [mapping.address] : [])];
  const ports = [target.port ?? 0, ...(mapping ? [mapping.containerPort] : [])];
  return redirectedBy(core, { traced: onHost, flow, wanted: { addresses, ports } });
}
