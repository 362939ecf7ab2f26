/**
 * Networks are committed before they exist in the kernel. Callers that attach must wait until creation has finished or
 * was rolled back.
 */
import { findNetwork } from '../model/references.ts';
import type { Core } from './core.ts';

/** Runs `make` in the network's turn. */
export const making = <T>(core: Pick<Core, 'queue'>, networkId: string, make: () => Promise<T>): Promise<T> =>
  core.queue.run(networkId, make);

/** Waits for networks that are being made. Throws NETWORK_NOT_FOUND. */
export async function networksMade(
  core: Pick<Core, 'model' | 'queue'>,
  refs: readonly string[],
): Promise<void> {
  await Promise.all(refs.map((ref) => core.queue.run(findNetwork(core.model, ref).id, async () => {})));
}
