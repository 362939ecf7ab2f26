/** Networks made: by a transition alone, or with what an IPAM driver or the network's own driver was asked before. */
import { fail } from '../errors.ts';
import type { Pool } from '../ipam/pool.ts';
import { leasesHere, leasesNothing } from '../model/leases.ts';
import type { Network, NetworkDraft } from '../model/network.ts';
import {
  checkName,
  confirmNetwork,
  createNetwork,
  type NetworkContext,
  readDraft,
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

export interface NetworkWish {
  /** Drawn before: who wants to be on the network waits for this id. */
  readonly id: string;
  readonly draft: NetworkDraft;
}

/** Put on record and made. What others gave for it is taken back if it fails. */
export async function makeNetwork(core: MakingNetworks, { id, draft: asked }: NetworkWish): Promise<Network> {
  const draft = withFullNames(core, asked);
  checkName(core.model, draft.name);
  const withoutGateway = await checkDriver(core, draft);
  const complete = readDraft(core.model, draft, networkContext(core, id));
  const isAsked = core.model.drivers.find(complete.driver).asking !== undefined || !leasesHere(complete);
  if (complete.configOnly || !isAsked) {
    const { network } = await change(core, (view) => {
      const made = createNetwork(view, draft, networkContext(core, id));
      return { network: made, changes: [{ table: 'networks', put: made }] };
    });
    return network;
  }
  const ledger = new PreparationLedger({ ...core, about: aboutNetwork(id) });
  try {
    return await makeAsked(core, { id, draft, complete, withoutGateway }, ledger);
  } catch (error) {
    await ledger.takeBack();
    throw error;
  }
}

/** A plugin that the engine runs is named with its tag, so that the network is found again when it starts. */
function withFullNames({ model, plugins }: MakingNetworks, draft: NetworkDraft): NetworkDraft {
  const own = [...model.drivers.names, ...ipamDrivers];
  const full = (name: string): string => (own.includes(name) ? name : plugins.fullName(name));
  return { ...draft, driver: full(draft.driver), ipam: { ...draft.ipam, driver: full(draft.ipam.driver) } };
}

/** The engine's own. */
const ipamDrivers = ['default', 'null'];

/** Whether a program of that name is there and says that it is a driver for networks of one host. */
async function checkDriver(
  core: MakingNetworks,
  { driver, configOnly, options }: NetworkDraft,
): Promise<readonly Family[]> {
  if (configOnly || core.model.drivers.names.includes(driver)) return [];
  return (await checkNetworkDriver(core.plugins, driver, options)).withoutGateway;
}

interface AskedWish extends NetworkWish {
  readonly complete: NetworkDraft;
  readonly withoutGateway: readonly Family[];
}

async function makeAsked(
  core: MakingNetworks,
  { id, draft, complete, withoutGateway }: AskedWish,
  ledger: PreparationLedger,
): Promise<Network> {
  const driver = core.model.drivers.find(complete.driver);
  const wanted = { draft: complete, driver, withoutGateway };
  const leased = leasesHere(complete) ? undefined : await poolsFor(core, wanted, ledger);
  const context = (): NetworkContext => ({
    ...networkContext(core, id),
    withoutGateway,
    ...(leased && { given: leased.pools, replayed: leased.replayed }),
  });
  const { asking } = driver;
  const network = await ledger.hold(asking?.networkGone({ id }) ?? [], (view) => {
    const made = createNetwork(view, draft, context());
    const subnets = leased ? [] : made.ipam.pools.map(({ subnet }) => subnet);
    return { chosen: made, holds: { subnets } };
  });
  await asking?.prepareNetwork?.(network, ledger);
  await change(core, (view) => confirmNetwork(view, network));
  return network;
}

/** What the IPAM driver `null` gives, which is the engine's own: no addresses at all. */
const noPool: Pool = { subnet: '0.0.0.0/0', auxAddresses: {} };

const poolsFor = async (
  core: MakingNetworks,
  wanted: Parameters<typeof leasePools>[1],
  ledger: PreparationLedger,
): ReturnType<typeof leasePools> =>
  leasesNothing(wanted.draft)
    ? { pools: noPools(wanted.draft), replayed: false }
    : leasePools(core, wanted, ledger);

/** Throws POOL_INVALID for what that driver cannot have, in Docker's words. */
function noPools({ ipam, enableIPv6 }: NetworkDraft): readonly Pool[] {
  const [asked] = ipam.pools;
  const refused = asked?.subnet ? 'pool' : asked?.ipRange ? 'subpool' : undefined;
  if (refused)
    throw fail('POOL_INVALID', `null ipam driver does not handle specific address ${refused} requests`);
  if (enableIPv6)
    throw fail('POOL_INVALID', 'null ipam driver does not handle IPv6 address pool pool requests');
  return [noPool];
}
