/**
 * Calls plugins for new endpoints before the transition, which reads their answers and so stays pure and repeatable. The
 * IPAM driver comes first, then the network driver.
 */
import { fail } from '../errors.ts';
import type { PreparedEndpoint } from '../model/driver.ts';
import type { Membership } from '../model/endpoint.ts';
import { reserveAddresses } from '../model/endpoints.ts';
import { leasesHere } from '../model/leases.ts';
import type { Network } from '../model/network.ts';
import { aboutEndpoint } from '../model/outbox.ts';
import { findNetwork } from '../model/references.ts';
import { readMac } from '../net/mac.ts';
import { lease } from './address-leases.ts';
import type { Core } from './core.ts';
import { PreparationLedger } from './ledger.ts';
import type { Preparations } from './preparations.ts';
import type { Destination, Preparing } from './preparing.ts';

/** By network. */
export type Prepared = ReadonlyMap<string, PreparedEndpoint>;

/** Whether an endpoint of the network needs calls to a plugin. */
export const isAsked = ({ model }: Pick<Core, 'model'>, network: Network): boolean =>
  !network.configOnly &&
  (model.drivers.find(network.driver).asking !== undefined || isLeasedElsewhere(network));

const isLeasedElsewhere = (network: Network): boolean =>
  !leasesHere(network) && network.ipam.pools.some((pool) => pool.lease !== undefined);

/** Runs `make` with the answers, and undoes the calls if it fails. */
export async function withPrepared<T>(
  core: Preparing,
  { specs, destination }: { readonly specs: readonly Membership[]; readonly destination: Destination },
  make: (prepared: Prepared) => Promise<T>,
): Promise<T> {
  const prepared = new Map<string, PreparedEndpoint>();
  const ledgers: PreparationLedger[] = [];
  const begun: Parameters<Preparations['begin']>[0][] = [];
  try {
    for (const spec of specs) {
      const network = findNetwork(core.model, spec.network);
      if (!isAsked(core, network)) continue;
      const id = core.generate.id();
      const preparation = { id, name: destination.name, networkId: network.id };
      core.preparations.begin(preparation);
      begun.push(preparation);
      const ledger = new PreparationLedger({ ...core, about: aboutEndpoint(id) });
      ledgers.push(ledger);
      prepared.set(network.id, await prepare(core, { id, network, spec, destination }, ledger));
    }
    return await make(prepared);
  } catch (error) {
    for (const ledger of ledgers.reverse()) await ledger.takeBack();
    throw error;
  } finally {
    for (const preparation of begun) core.preparations.end(preparation);
  }
}

interface Wanted {
  readonly id: string;
  readonly network: Network;
  readonly spec: Membership;
  readonly destination: Destination;
}

async function prepare(
  core: Preparing,
  wanted: Wanted,
  ledger: PreparationLedger,
): Promise<PreparedEndpoint> {
  const { id, network, spec, destination } = wanted;
  const leased = isLeasedElsewhere(network) ? await lease(core, wanted, ledger) : undefined;
  const { asking } = core.model.drivers.find(network.driver);
  const own = leased && {
    addresses: leased.addresses,
    leases: leased.leases,
    ...(leased.mac && { mac: leased.mac }),
  };
  if (!asking) return { id, ...own };
  const addresses =
    leased?.addresses ?? (await reserve(wanted, ledger, asking.endpointGone(network, { id })));
  const mac = leased?.mac ?? ((spec.mac && readMac(spec.mac)) || '');
  const { sysctls: _, ...where } = destination;
  const answers = await asking.prepareEndpoint({ id, network, spec, addresses, mac, ...where }, ledger);
  const all = [...addresses, ...(answers.addresses ?? [])];
  refuseOthers(core, network, answers.addresses ?? []);
  return { id, answers, addresses: all, ...(mac && { mac }), ...own, ...(own && { addresses: all }) };
}

/** Reserves addresses while the driver is called. `undos`: in the order in which they will be executed. */
function reserve(
  { network, spec, destination }: Wanted,
  ledger: PreparationLedger,
  undos: Parameters<PreparationLedger['hold']>[0],
): Promise<readonly string[]> {
  const { sysctls } = destination;
  return ledger.hold(undos.toReversed(), (view) => {
    const addresses = reserveAddresses(view, { network: findNetwork(view, network.id), spec, sysctls });
    return { chosen: addresses, holds: { networkId: network.id, addresses } };
  });
}

/** Throws PLUGIN_BROKEN if an address that the driver has chosen is in use. */
function refuseOthers({ model }: Preparing, network: Network, addresses: readonly string[]): void {
  for (const other of model.endpointsOfNetwork(network.id))
    for (const address of addresses)
      if (other.addresses.includes(address))
        throw fail(
          'PLUGIN_BROKEN',
          'NetworkDriver.CreateEndpoint',
          `the address ${address} is in use by ${other.name}`,
        );
}
