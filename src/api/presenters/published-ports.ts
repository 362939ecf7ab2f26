/** `GET /seaway/ports`: what a container publishes, neighbours as one range. */
import type { PortsDetail } from '../../engine/port-verbs.ts';
import { publishedRuns } from '../../firewall/port-runs.ts';
import { answeredKey, specKey } from '../../model/port-answers.ts';
import { linkOf, type PortSpec } from '../../model/port-specs.ts';
import { placeOf } from '../../model/ports.ts';
import type { PublishPolicy } from '../../model/publish-policy.ts';
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

/** `isRefused` counts for ports that obey the host's firewall. */
export function stateOfPort(
  { hostPort, policy }: { readonly hostPort: number; readonly policy?: PublishPolicy },
  isRefused: boolean,
): string {
  if (hostPort === 0) return "open at the container's address";
  if (policy !== 'host') return 'published';
  return isRefused ? "published, refused by the host's firewall" : "published, obeys the host's firewall";
}

/** What of a container its published ports are presented from. */
type Shown = Omit<PortsDetail, 'container'> & {
  readonly container: Pick<PortsDetail['container'], 'id' | 'name' | 'sandboxId'>;
};

export function presentPorts({ container, specs, ports, refused }: Shown): {
  readonly Container: string;
  readonly Name: string;
  readonly Ports: readonly PresentedPort[];
} {
  const answered = new Set(ports.map(answeredKey));
  const isUp = container.sandboxId !== '';
  const waiting = isUp ? 'not published' : 'published at the start';
  // refused ones are no neighbours of others
  const runs = publishedRuns(
    ports.map((port) => ({ ...port, link: refused.has(placeOf(port)) ? 'refused' : '' })),
  );
  const presented = runs.map(
    ({ protocol, hostIP, containerPort, containerPortEnd, link, ...port }): PresentedPort => ({
      Port: `${range(containerPort, containerPortEnd)}/${protocol}`,
      Host: port.hostPort === 0 ? '' : joinHostPort(hostIP, range(port.hostPort, port.hostPortEnd)),
      State: stateOfPort(port, link === 'refused'),
    }),
  );
  const stateOf = ({ binding }: PortSpec): string =>
    isUp && linkOf(binding) ? `waits for an address of ${linkOf(binding)}` : waiting;
  const rest = specs
    .filter((spec) => !answered.has(specKey(spec)))
    .map((spec) => presentAsked(spec, stateOf(spec)));
  return { Container: container.id, Name: container.name, Ports: [...presented, ...rest] };
}
