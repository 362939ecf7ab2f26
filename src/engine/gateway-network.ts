/** The network by which sandboxes lead out whose drivers name no gateway: made when it is first needed, as Docker does. */
import type { EndpointAnswers } from '../model/endpoint.ts';
import { gatewayNetwork, gatewayRequest, lacksGateway } from '../model/way-out.ts';
import type { Core } from './core.ts';
import { type MakingNetworks, makeNetwork } from './network-making.ts';
import { making, networksMade } from './network-turns.ts';

export type LeadingOut = MakingNetworks & Pick<Core, 'queue'>;

/** `answers`: of the endpoints that a sandbox is about to have. */
export async function ensureGatewayNetwork(
  core: LeadingOut,
  answers: Iterable<EndpointAnswers | undefined>,
): Promise<void> {
  const wanted = gatewayNetwork(core.model.drivers);
  if (!wanted || !Array.from(answers).some((one) => one && lacksGateway(one))) return;
  await core.queue.run(`network ${wanted.name}`, async () => {
    if (core.model.networkByName(wanted.name)) return networksMade(core, [wanted.name]);
    const id = core.generate.id();
    await making(core, id, () => makeNetwork(core, { id, request: gatewayRequest(wanted) }));
  });
}
