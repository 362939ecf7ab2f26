/** Queues of the links of the way (tc(8)), and which of them have dropped packets meanwhile. */
import type { Looked } from '../../explain/evidence.ts';
import type { Queue } from '../../kernel/inspect/contract.ts';
import { type Explaining, inspectorOf } from './explaining.ts';
import type { Stretch } from './look.ts';

/** Queues on the way that have dropped packets since, and those of filters. */
export async function queuesOf(stretches: readonly Stretch[], core: Explaining) {
  const read = stretches.map(async ({ at, namespace, links }) => {
    const all = await inspectorOf(core, namespace).queues();
    return all.filter(({ link }) => links.includes(link)).map((queue) => ({ ...queue, at }));
  });
  return (await Promise.all(read)).flat();
}

type PlacedQueue = Queue & { readonly at: string };

/** Drops that are fewer than the probes are those of other packets. */
export const risenQueues = ({
  before,
  after,
  least,
}: {
  readonly before: readonly PlacedQueue[];
  readonly after: readonly PlacedQueue[];
  readonly least: number;
}): Looked['queues'] =>
  after.map((queue) => {
    const { at, link, kind } = queue;
    const was = before.find((each) => each.at === at && each.link === link && each.kind === kind);
    const dropped = queue.dropped - (was?.dropped ?? queue.dropped);
    return { at, link, kind, dropped: dropped >= least ? dropped : 0 };
  });
