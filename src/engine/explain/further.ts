/** What takes longer to find out, where one attempt has not found the cause. */
import { isAnswered } from '../../explain/diagnose.ts';
import type { Evidence } from '../../explain/evidence.ts';
import { bare } from '../../net/address.ts';
import { allDrops, knownOf } from './attempt.ts';
import { type Attempt, type Explaining, inspectorOf, namespaceOf } from './explaining.ts';
import { legacyCountersOf, legacyDrops } from './legacy.ts';
import { askNeighboursAgain, look, stretchesOf } from './look.ts';
import { firewallDifferences } from './observe.ts';
import { sendAgain, sendAndFollow } from './probing.ts';
import { queuesOf, risenQueues } from './queues.ts';

/** Probes that are sent to see counters rise. */
const probes = 3;
/** Milliseconds for an answer, which has not come before. */
const patience = 250;

/** Missing rules of the engine, rules that no usual trace knows, links, queues, neighbours. */
export async function lookFurther(
  core: Explaining,
  { asked, evidence }: { readonly asked: Attempt; readonly evidence: Evidence },
): Promise<Evidence> {
  const known = knownOf(core, asked);
  const { family } = known;
  const stretches = stretchesOf(core, { known, evidence });
  const [legacy, before] = await Promise.all([legacyCountersOf(core, family), queuesOf(stretches, core)]);
  askNeighboursAgain(core, { known, evidence });
  const [{ traced, flow, outcome }, missing, neighbourAnswers] = await Promise.all([
    sendThrice(core, asked, stretches),
    firewallDifferences(core),
    neighbourOf(core, asked),
  ]);
  // what stood in the way was healed meanwhile, or was only slow
  if (isAnswered(outcome.result)) return { ...evidence, ...outcome, differences: [], drops: [] };
  const after = await queuesOf(stretches, core);
  const drops = [
    ...(await allDrops(core, { traced, flow })),
    ...(await legacyDrops(core, { family, before: legacy, probes })),
  ];
  const found = look(core, { known, evidence });
  // where no neighbour is found, only the questions for it are sent
  const least = found.unanswered.length > 0 ? 1 : probes;
  return {
    ...evidence,
    differences: [...evidence.differences, ...missing],
    drops: [...evidence.drops, ...drops],
    looked: {
      ...{ ...found, queues: risenQueues({ before, after, least }) },
      ...(neighbourAnswers && { neighbourAnswers }),
    },
  };
}

/** Others of the receiver's host that are asked. */
const mostAsked = 3;

/** The name of a container of the receiver's host that answers on the same network: then the tunnel to it works. */
async function neighbourOf(core: Explaining, { from, receiver }: Attempt): Promise<string | undefined> {
  const sender = namespaceOf(core, from);
  if (receiver.kind !== 'peer' || !sender) return undefined;
  const { id, networkId, nodeId } = receiver.peer;
  const others = [...core.model.all('peers')]
    .filter((each) => each.networkId === networkId && each.nodeId === nodeId && each.id !== id)
    .slice(0, mostAsked);
  const asked = others.map(async ({ name, addresses }) => {
    const [to] = addresses.map(bare);
    if (to === undefined) return undefined;
    const echo = { to, protocol: 'icmp', port: 0, limit: patience } as const;
    const probe = inspectorOf(core, sender).openProbe(echo);
    const { result } = await probe.send().finally(() => probe.close());
    return result === 'answered' ? name : undefined;
  });
  return (await Promise.all(asked)).find((name) => name !== undefined);
}

/** One is followed closely, the others only counted. */
async function sendThrice(core: Explaining, asked: Attempt, stretches: ReturnType<typeof stretchesOf>) {
  const links: NonNullable<Parameters<typeof sendAndFollow>[2]['links']> = (namespace) =>
    stretches.find((each) => each.namespace === namespace)?.links ?? [];
  const [followed] = await Promise.all([
    sendAndFollow(core, asked, { limit: patience, links }),
    ...Array.from({ length: probes - 1 }, () => sendAgain(core, asked)),
  ]);
  return followed;
}
