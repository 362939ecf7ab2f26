/** What takes longer to find out, where one attempt has not found the cause. */
import type { Evidence } from '../../explain/evidence.ts';
import { allDrops, knownOf } from './attempt.ts';
import type { Attempt, Explaining } from './explaining.ts';
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
  const [{ traced, flow }, missing] = await Promise.all([
    sendThrice(core, asked, stretches),
    firewallDifferences(core),
  ]);
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
    looked: { ...found, queues: risenQueues({ before, after, least }) },
  };
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
