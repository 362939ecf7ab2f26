/** Brings the whole state of the store in, part by part, so that the event loop is free in between. */
import { setImmediate } from 'node:timers/promises';
import { everything } from './arriving.ts';
import type { ClusterContext } from './context.ts';
import { pipeline } from './pipeline.ts';

export async function arriveWhole({ view, mirror, here, standing, arrive }: ClusterContext): Promise<void> {
  const arriving = {
    ...{ view, mirror, here, pending: standing.pending },
    // the store may lose its contents in between
    get frozen(): boolean {
      return standing.isFrozen;
    },
  };
  await setImmediate();
  await pipeline(everything(arriving), arrive);
  await setImmediate();
}
