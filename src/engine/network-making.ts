/** Creates networks, calling an IPAM plugin and the network's plugin before the transition if there are any. */
import { fail } from '../errors.ts';
import type { Pool } from '../ipam/pool.ts';
import { leasesHere, leasesNothing } from '../model/leases.ts';
import type { CompleteRequest, Network, NetworkRequest } from '../model/network.ts';
import {
  checkName,
  completeRequest,
  confirmNetwork,
  createNetwork,
  type NetworkContext,
} from '../model/networks.ts';
import { aboutNetwork } from '../model/outbox.ts';
import type { Family } from '../net/family.ts';
import { checkNetworkDriver } from '../plugins/network-driver.ts';
import { leasePools } from './address-leases.ts';
import { type Changing, change } from './change.ts';
import { PreparationLedger } from './ledger.ts';
import { type NetworkSources, networkContext } from './network-context.ts';
import type { Preparing } from './preparing.ts';

export type MakingNetworks = Changing & NetworkSources & Preparing;

export interface MakeRequest {
  /** Chosen by the caller, because other requests wait for this id. */
  readonly id: string;
  readonly request: NetworkRequest;
}

/** Creates a network. If that fails, what plugins have given for it is released. */
export async function makeNetwork(
  core: MakingNetworks,
  { id, request: asked }: MakeRequest,
): Promise<Network> {
  const request = withFullNames(core, asked);
  checkName(core.model, request.name);
  const withoutGateway = await checkDriver(core, request);
  const complete = completeRequest(core.model, request, networkContext(core, id));
  const isAsked = core.model.drivers.find(complete.driver).asking !== undefined || !leasesHere(complete);
  if (complete.configOnly || !isAsked) {
    const { network } = await change(core, (view) => {
      const made = createNetwork(view, request, networkContext(core, id));
      return { network: made, changes: [{ table: 'networks', put: made }] };
    });
    return network;
  }
  const ledger = new PreparationLedger({ ...core, about: aboutNetwork(id) });
  try {
    return await makeAsked(core, { id, request, complete, withoutGateway }, ledger);
  } catch (error) {
    await ledger.takeBack();
    throw error;
  }
}

/** Managed plugins are recorded with their tag, by which they are found at the next start. */
function withFullNames({ model, plugins }: MakingNetworks, request: NetworkRequest): NetworkRequest {
  const own = [...model.drivers.names, ...ipamDrivers];
  const full = (name: string): string => (own.includes(name) ? name : plugins.fullName(name));
  return {
    ...request,
    driver: full(request.driver),
    ipam: { ...request.ipam, driver: full(request.ipam.driver) },
  };
}

/** Built in. */
const ipamDrivers = ['default', 'null'];

/** Checks that a plugin is a network driver of local scope, and returns the families for which it needs no gateway. */
async function checkDriver(
  core: MakingNetworks,
  { driver, configOnly, options }: NetworkRequest,
): Promise<readonly Family[]> {
  if (configOnly || core.model.drivers.names.includes(driver)) return [];
  return (await checkNetworkDriver(core.plugins, driver, options)).withoutGateway;
}

interface PreparedRequest extends MakeRequest {
  readonly complete: CompleteRequest;
  readonly withoutGateway: readonly Family[];
}

async function makeAsked(
  core: MakingNetworks,
  { id, request, complete, withoutGateway }: PreparedRequest,
  ledger: PreparationLedger,
): Promise<Network> {
  const driver = core.model.drivers.find(complete.driver);
  const routed = [...networkContext(core, id).routed, ...bridged(core)];
  const wanted = { request: complete, driver, withoutGateway, routed };
  const leased = leasesHere(complete) ? undefined : await poolsFor(core, wanted, ledger);
  const context = (): NetworkContext => ({
    ...networkContext(core, id),
    withoutGateway,
    ...(leased && { given: leased }),
  });
  const { asking } = driver;
  const network = await ledger.hold(asking?.networkGone({ id }) ?? [], (view) => {
    const made = createNetwork(view, request, context());
    const subnets = leased ? [] : made.ipam.pools.map(({ subnet }) => subnet);
    return { chosen: made, holds: { subnets } };
  });
  await asking?.prepareNetwork?.(network, ledger);
  await change(core, (view) => confirmNetwork(view, network));
  return network;
}

/** Subnets of networks that the host routes to, whose packets pass its firewall. */
const bridged = ({ model }: MakingNetworks): readonly string[] =>
  Array.from(model.all('networks')).flatMap(({ driver, configOnly, ipam }) =>
    model.drivers.find(driver).forwarding && !configOnly ? ipam.pools.map(({ subnet }) => subnet) : [],
  );

/** The pool of the built-in IPAM driver `null`, which has no addresses. */
const noPool: Pool = { subnet: '0.0.0.0/0', auxAddresses: {} };

const poolsFor = async (
  core: MakingNetworks,
  wanted: Parameters<typeof leasePools>[1],
  ledger: PreparationLedger,
): ReturnType<typeof leasePools> =>
  leasesNothing(wanted.request) ? noPools(wanted.request) : leasePools(core, wanted, ledger);

/** Throws POOL_INVALID, in Docker's words, for a request that this driver cannot serve. */
function noPools({ ipam, enableIPv6 }: NetworkRequest): readonly Pool[] {
  const [asked] = ipam.pools;
  const refused = asked?.subnet ? 'pool' : asked?.ipRange ? 'subpool' : undefined;
  if (refused)
    throw fail('POOL_INVALID', `null ipam driver does not handle specific address ${refused} requests`);
  if (enableIPv6)
    throw fail('POOL_INVALID', 'null ipam driver does not handle IPv6 address pool pool requests');
  return [noPool];
}
