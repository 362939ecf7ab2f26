/** `GET /seaway/ports`: what a container publishes, neighbours as one range. */
import type { PortsDetail } from '../../engine/port-verbs.ts';
import { publishedRuns } from '../../firewall/port-runs.ts';
import { linkOf, type PortSpec } from '../../model/port-specs.ts';
import { answeredKey, specKey } from '../../model/ports.ts';
import { joinHostPort } from '../../net/address.ts';

export interface PresentedPort {
  /** `80/tcp`, `8000-8009/udp` */
  readonly Port: string;
  readonly Host: string;
  readonly State: string;
}

const range = (first: number, last = first): string => (first === last ? `${first}` : `${first}-${last}`);

/** A request that nothing is published for. */
const presentAsked = (
  { containerPort, protocol, binding: { HostIp = '', HostPort = '' } }: PortSpec,
  state: string,
): PresentedPort => ({
  Port: `${containerPort}/${protocol}`,
  Host: HostIp === '' ? HostPort : joinHostPort(HostIp, HostPort),
  State: state,
});

export function presentPorts({ container, specs, ports }: PortsDetail): object {
  const answered = new Set(ports.map(answeredKey));
  const isUp = container.sandboxId !== '';
  const waiting = isUp ? 'not published' : 'published at the start';
  const runs = publishedRuns(ports.map((port) => ({ ...port, link: '' })));
  const presented = runs.map(
    ({ protocol, hostIP, hostPort, hostPortEnd, containerPort, containerPortEnd }): PresentedPort => ({
      Port: `${range(containerPort, containerPortEnd)}/${protocol}`,
      Host: hostPort === 0 ? '' : joinHostPort(hostIP, range(hostPort, hostPortEnd)),
      State: hostPort === 0 ? "open at the container's address" : 'published',
    }),
  );
  const stateOf = ({ binding }: PortSpec): string =>
    isUp && linkOf(binding) ? `waits for an address of ${linkOf(binding)}` : waiting;
  const rest = specs
    .filter((spec) => !answered.has(specKey(spec)))
    .map((spec) => presentAsked(spec, stateOf(spec)));
  return { Container: container.id, Name: container.name, Ports: [...presented, ...rest] };
}
