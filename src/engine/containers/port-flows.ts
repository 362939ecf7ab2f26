/** Tracked flows of ports and addresses that are given up or change hands. */
import type { PortFlows } from '../../kernel/flows.ts';
import { isBound } from '../../model/port-index.ts';
import { isTranslated } from '../../model/relays.ts';
import type { PortMapping } from '../../model/sandbox.ts';
import type { View } from '../../model/tables.ts';
import { bare } from '../../net/address.ts';
import type { Core } from '../core.ts';

type Forgetting = Pick<Core, 'kernel' | 'logger'>;

const ofUdp = (ports: readonly PortMapping[]): readonly PortMapping[] =>
  ports.filter(({ protocol }) => protocol === 'udp');

/** Flows live on in the kernel: UDP clients would talk to nobody. Those of TCP end with the container's namespace. */
export const forgetUdp = (core: Forgetting, ports: readonly PortMapping[]): Promise<void> =>
  forgetPorts(core, ofUdp(ports));

/** All flows through these ports end. Never throws. */
export const forgetPorts = (core: Forgetting, ports: readonly PortMapping[]): Promise<void> =>
  forget(core, flowsOf(ports), (flows) => core.kernel.forgetFlows(flows));

/**
 * Flows of UDP clients that sent to these ports before they were published, and would not reach them as long as they go on.
 * To be called once the rules are there. Never throws.
 */
export const forgetMissed = (core: Forgetting, ports: readonly PortMapping[]): Promise<void> =>
  forget(core, flowsOf(ofUdp(ports)), (missed) => core.kernel.forgetStaleFlows({ missed }));

/** Flows of addresses, without prefix length, that another container may be given. Never throws. */
export const forgetAddresses = (core: Forgetting, addresses: readonly string[]): Promise<void> =>
  forget(core, addresses, (of) => core.kernel.forgetStaleFlows({ of }));

/** Addresses of the sandbox's endpoints that it has no more. */
export function addressesLost(
  sandboxId: string,
  { before, after }: Record<'before' | 'after', View>,
): string[] {
  const addressesIn = (view: View): string[] =>
    view.endpointsOfSandbox(sandboxId).flatMap(({ addresses }) => addresses.map(bare));
  const kept = new Set(addressesIn(after));
  return addressesIn(before).filter((address) => !kept.has(address));
}

const flowsOf = (ports: readonly PortMapping[]): readonly PortFlows[] =>
  ports
    .filter((port) => isBound(port) && isTranslated(port))
    .map(({ protocol, hostIP, hostPort, address }) => ({
      protocol,
      ...{ port: hostPort, address: hostIP, answeredBy: address },
    }));

async function forget<T>(
  { logger }: Forgetting,
  what: readonly T[],
  task: (what: readonly T[]) => Promise<void>,
): Promise<void> {
  if (what.length === 0) return;
  try {
    await task(what);
  } catch (error) {
    // they end by their own time; what follows must be done all the same
    logger.warn('flows of ports or addresses are not forgotten', { count: what.length, error });
  }
}
