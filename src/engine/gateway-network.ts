/** The network by which sandboxes lead out that no other network leads out of: made when it is first needed, as Docker does. */
import type { Attached } from '../model/driver.ts';
import type { Endpoint, EndpointSpec } from '../model/endpoint.ts';
import { findNetwork } from '../model/references.ts';
import { gatewayNetwork, gatewayRequest, lacksWayOut } from '../model/way-out.ts';
import { families } from '../net/family.ts';
import type { Core } from './core.ts';
import { type MakingNetworks, makeNetwork } from './network-making.ts';
import { making, networksMade } from './network-turns.ts';
import type { Prepared } from './prepared.ts';

export type LeadingOut = MakingNetworks & Pick<Core, 'queue'>;

/** `attached`: the networks that a sandbox is about to be on. */
export async function ensureGatewayNetwork(core: LeadingOut, attached: readonly Attached[]): Promise<void> {
  const { drivers } = core.model;
  const wanted = gatewayNetwork(drivers);
  const { ipv6 } = core.facts();
  const isNeeded = families.some(
    (family) => (family === 4 || ipv6) && lacksWayOut(attached, { family, drivers }),
  );
  if (wanted && isNeeded) await makeGatewayNetwork(core);
}

/** Made, unless it is there. */
export async function makeGatewayNetwork(core: LeadingOut): Promise<void> {
  const wanted = gatewayNetwork(core.model.drivers);
  const { ipv6 } = core.facts();
  if (!wanted) return;
  await core.queue.run(`network ${wanted.name}`, async () => {
    if (core.model.networkByName(wanted.name)) return networksMade(core, [wanted.name]);
    const id = core.generate.id();
    await making(core, id, () => makeNetwork(core, { id, request: gatewayRequest(wanted, { ipv6 }) }));
  });
}

/** Networks that are asked for, with what their drivers were told. */
export const attachedBy = (
  { model }: Pick<Core, 'model'>,
  specs: readonly EndpointSpec[],
  prepared: Prepared,
): readonly Attached[] =>
  specs.map(({ network: ref }) => {
    const network = findNetwork(model, ref);
    const answers = prepared.get(network.id)?.answers;
    return { network, ...(answers && { answers }) };
  });

/** Networks that endpoints are on. */
export const attachedTo = (
  { model }: Pick<Core, 'model'>,
  endpoints: readonly Endpoint[],
): readonly Attached[] =>
  endpoints.flatMap(({ networkId, answers }) => {
    const network = model.get('networks', networkId);
    return network ? [{ network, ...(answers && { answers }) }] : [];
  });
