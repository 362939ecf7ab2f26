/** Ports of the host that a container asks for by number are held before the transition that publishes them. */
import type { Container } from '../model/container.ts';
import { fixedPort, hostText, linkOf, type PortSpec } from '../model/port-specs.ts';
import { hostNetwork } from '../model/predefined-names.ts';
import { joinedBy } from '../model/sandboxes.ts';
import { wildcard } from '../net/family.ts';
import type { Core } from './core.ts';
import type { Place } from './host-ports.ts';

export type PreparingPorts = Pick<Core, 'model' | 'config' | 'hostPorts'>;

interface Asked {
  readonly container: Container;
  readonly specs: readonly PortSpec[];
}

/** Runs the work while the ports are held: thousands of sockets at once would hold the event loop up. */
export async function withPorts<T>(core: PreparingPorts, asked: Asked, work: () => Promise<T>): Promise<T> {
  const letGo = await core.hostPorts.prepare(placesOf(core, asked));
  try {
    return await work();
  } finally {
    letGo();
  }
}

/** A guess where no address is asked for; what is missing is held later. */
function placesOf({ model, config }: PreparingPorts, { container, specs }: Asked): readonly Place[] {
  if (container.hostConfig.NetworkMode === hostNetwork) return [];
  const networks = joinedBy(model, container).map(({ network }) => model.networkByName(network));
  const everywhere = [
    config.bridge.ip || wildcard(4),
    ...(config.bridge.ip === '' && networks.some((network) => network?.enableIPv6) ? [wildcard(6)] : []),
  ];
  return specs.flatMap((spec) => {
    const hostPort = fixedPort(spec);
    if (hostPort === undefined || linkOf(spec.binding)) return [];
    const asked = hostText(spec.binding);
    const hosts = asked === '' ? everywhere : [asked];
    return hosts.map((hostIP) => ({ protocol: spec.protocol, hostIP, hostPort }));
  });
}
