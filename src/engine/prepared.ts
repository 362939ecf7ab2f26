/**
 * Drivers that have to ask somebody outside are asked before the transition, which only reads what they answered:
 * it stays pure and can be run again.
 */
import type { PreparedEndpoint } from '../model/driver.ts';
import type { Endpoint, EndpointAnswers, EndpointAsk } from '../model/endpoint.ts';
import type { Network } from '../model/network.ts';
import { findNetwork } from '../model/references.ts';
import type { Core } from './core.ts';

export type Asking = Pick<Core, 'model' | 'dice' | 'logger'>;

/** By network. */
export type Prepared = ReadonlyMap<string, PreparedEndpoint>;

/** Runs `make` with the answers. What was prepared is taken back if it fails. */
export async function withPrepared<T>(
  core: Asking,
  asks: readonly EndpointAsk[],
  make: (prepared: Prepared) => Promise<T>,
): Promise<T> {
  const prepared = new Map<string, PreparedEndpoint>();
  try {
    for (const ask of asks) {
      const network = findNetwork(core.model, ask.network);
      const driver = core.model.drivers.find(network.driver);
      if (!driver.prepare) continue;
      const id = core.dice.id();
      prepared.set(network.id, { id, answers: await driver.prepare({ id, network, ask }) });
    }
    return await make(prepared);
  } catch (error) {
    for (const [networkId, { id, answers }] of prepared) await release(core, { id, networkId, answers });
    throw error;
  }
}

/** After endpoints are gone from the kernel. */
export async function releaseEndpoints(core: Asking, endpoints: readonly Endpoint[]): Promise<void> {
  for (const { id, networkId, answers } of endpoints)
    if (answers) await release(core, { id, networkId, answers });
}

async function release(
  { model, logger }: Asking,
  { id, networkId, answers }: { id: string; networkId: string; answers: EndpointAnswers },
): Promise<void> {
  const network: Network | undefined = model.get('networks', networkId);
  if (!network) return;
  try {
    await model.drivers.find(network.driver).release?.({ id, network }, answers);
  } catch (error) {
    logger.warn('a driver could not release an endpoint', { network: network.name, endpoint: id, error });
  }
}
