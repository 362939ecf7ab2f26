/** Tracked flows of ports that are published no more. */
import { isBound } from '../../model/port-index.ts';
import type { PortMapping } from '../../model/sandbox.ts';
import type { Core } from '../core.ts';

type Forgetting = Pick<Core, 'kernel' | 'logger'>;

/** Flows live on in the kernel: UDP clients would talk to nobody. Those of TCP end with the container's namespace. */
export const forgetUdp = (core: Forgetting, ports: readonly PortMapping[]): Promise<void> =>
  forgetPorts(
    core,
    ports.filter(({ protocol }) => protocol === 'udp'),
  );

/** All flows through these ports end. Never throws. */
export async function forgetPorts(core: Forgetting, ports: readonly PortMapping[]): Promise<void> {
  const flows = ports.filter(isBound).map(({ protocol, hostIP, hostPort, address }) => ({
    protocol,
    ...{ port: hostPort, address: hostIP, answeredBy: address },
  }));
  if (flows.length === 0) return;
  try {
    await core.kernel.forgetFlows(flows);
  } catch (error) {
    // they end by their own time; what follows must be done all the same
    core.logger.warn('flows to published ports are not forgotten', { ports: flows.length, error });
  }
}
