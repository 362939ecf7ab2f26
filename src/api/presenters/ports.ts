/** Published and exposed ports: the map of inspect, the list of `docker ps`. */
import type { ContainerDetail } from '../../engine/container-verbs.ts';
import { isBound } from '../../model/port-index.ts';
import { placeOf } from '../../model/ports.ts';
import { hostNetwork, noNetwork } from '../../model/predefined-names.ts';
import type { PortMapping } from '../../model/sandbox.ts';
import { isRunning } from './container-state.ts';
import { stateOfPort } from './published-ports.ts';

/** Ports of the container's own sandbox; none if it joined another container's network. */
function mappings({ container, sandbox }: ContainerDetail): readonly PortMapping[] {
  return sandbox && sandbox.containerId === container.id ? sandbox.ports : [];
}

const keyOf = (mapping: PortMapping): string => `${mapping.containerPort}/${mapping.protocol}`;

function exposed(detail: ContainerDetail): readonly string[] {
  const { container, image } = detail;
  const mode = container.hostConfig.NetworkMode;
  if (
    !isRunning(container.state) ||
    mode === hostNetwork ||
    mode === noNetwork ||
    mode.startsWith('container:')
  )
    return [];
  // a container with internal networks only has no exposed ports
  if (detail.attachments.length > 0 && detail.attachments.every(({ network }) => network?.internal))
    return [];
  return [
    ...Object.keys(container.config.ExposedPorts ?? {}),
    ...Object.keys(image?.config.ExposedPorts ?? {}),
  ].map((port) => (port.includes('/') ? port : `${port}/tcp`));
}

/** `State` is ours, and there only where a port obeys the host's firewall. */
const bindingOf = (mapping: PortMapping, refused: ReadonlySet<string>): object => ({
  HostIp: mapping.hostIP,
  HostPort: isBound(mapping) ? String(mapping.hostPort) : '',
  ...(mapping.policy === 'host' && { State: stateOfPort(mapping, refused.has(placeOf(mapping))) }),
});

/** `NetworkSettings.Ports`: null for exposed ports that are not published. */
export function presentPortMap(
  detail: ContainerDetail,
  refused: ReadonlySet<string> = new Set(),
): Readonly<Record<string, readonly object[] | null>> {
  const bound = Map.groupBy(mappings(detail), keyOf);
  const keys = [...new Set([...exposed(detail), ...bound.keys()])].sort();
  return Object.fromEntries(
    keys.map((key) => [key, bound.get(key)?.map((mapping) => bindingOf(mapping, refused)) ?? null]),
  );
}

/** One of `Ports` of a list entry; without `PublicPort` it is exposed only. */
export interface PortEntry {
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type: string;
}

/** `Ports` of a list entry. */
export function presentPortList(detail: ContainerDetail): readonly PortEntry[] {
  const bound = Map.groupBy(mappings(detail), keyOf);
  const keys = [...new Set([...exposed(detail), ...bound.keys()])].sort();
  return keys.flatMap((key): readonly PortEntry[] => {
    const [port, protocol = 'tcp'] = key.split('/');
    const own = { PrivatePort: Number(port) };
    const published = bound.get(key);
    if (!published) return [{ ...own, Type: protocol }];
    return published.map(({ hostIP, hostPort }) => ({
      IP: hostIP,
      ...own,
      ...(hostPort !== 0 && { PublicPort: hostPort }),
      Type: protocol,
    }));
  });
}
