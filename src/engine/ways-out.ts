/** Requests to drivers after convergence: to open the ways out, and for their information on endpoints. */
import type { PendingEndpoint } from '../model/driver.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { Core } from './core.ts';
import { inTime } from './limit.ts';

const waysOutOf = (sandbox: Sandbox | undefined): ReadonlySet<string> =>
  new Set([sandbox?.gateway4, sandbox?.gateway6].flatMap((id) => id || []));

/**
 * Call it after convergence: opens endpoints that are new ways out. Former ways out are in the outbox. Throws errors of
 * the drivers.
 */
export async function openWaysOut(
  core: Pick<Core, 'model'>,
  {
    before,
    now,
    container,
  }: {
    readonly before: Sandbox | undefined;
    /** Id of the sandbox. */
    readonly now: string;
    readonly container: PendingEndpoint['container'];
  },
): Promise<void> {
  const { model } = core;
  const sandbox = model.get('sandboxes', now);
  if (!sandbox) return;
  const known = waysOutOf(before);
  for (const id of waysOutOf(sandbox)) {
    const endpoint = known.has(id) ? undefined : model.get('endpoints', id);
    const network = endpoint && model.get('networks', endpoint.networkId);
    if (endpoint && network)
      await model.drivers.find(network.driver).asking?.open?.({ network, endpoint, sandbox }, container);
  }
}

/** Milliseconds that a start waits for what `inspect` shows alone. */
const patience = 1000;

/** Asks for information on new endpoints: what comes later than a moment is kept all the same. Failures are only logged. */
export const askInfo = (core: Telling, sandboxId: string): Promise<unknown> =>
  inTime(ask(core, sandboxId), patience);

type Telling = Pick<Core, 'model' | 'records' | 'logger'>;

async function ask(core: Telling, sandboxId: string): Promise<void> {
  const { model, records, logger } = core;
  const sandbox = model.get('sandboxes', sandboxId);
  if (!sandbox) return;
  for (const endpoint of model.endpointsOfSandbox(sandboxId)) {
    const network = model.get('networks', endpoint.networkId);
    const info = network && model.drivers.find(network.driver).asking?.info;
    if (!info || !endpoint.answers || endpoint.answers.info) continue;
    try {
      const told = await info({ network, endpoint, sandbox });
      await records.keep((view) => {
        const now = view.get('endpoints', endpoint.id);
        if (!now?.answers) return [];
        return [{ table: 'endpoints', put: { ...now, answers: { ...now.answers, info: told } } }];
      });
    } catch (error) {
      logger.debug('a driver does not tell of an endpoint', { network: network.name, error });
    }
  }
}
