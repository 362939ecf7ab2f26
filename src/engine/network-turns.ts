/**
 * Networks are committed before they exist in the kernel. Callers that attach must wait until creation has finished or
 * was rolled back.
 */
import { findNetwork } from '../model/references.ts';
import type { Core } from './core.ts';

/** The network is being made. Resolves, or is rejected, as `made`. */
export const untilMade = (core: Core, networkId: string, made: Promise<void>): Promise<void> =>
  core.queue.run(networkId, () => made);

/** Wait for networks, as they are named, that are being made right now. Throws NETWORK_NOT_FOUND. */
export async function networksMade(core: Core, refs: readonly string[]): Promise<void> {
  await Promise.all(refs.map((ref) => core.queue.run(findNetwork(core.model, ref).id, async () => {})));
}
