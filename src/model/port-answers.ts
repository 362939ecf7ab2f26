/** Requests for ports, and the ports that answer them. */
import type { PortBinding } from './container.ts';
import { isBound } from './port-index.ts';
import type { PortSpec } from './port-specs.ts';
import type { PortMapping, WaitingPort } from './sandbox.ts';

export interface Answered {
  readonly spec: PortSpec;
  /** The host port that it has so far. */
  readonly kept: number | undefined;
}

export const askedOf = ({ HostIp = '', HostPort = '' }: PortBinding): PortMapping['asked'] => ({
  hostIP: HostIp,
  hostPort: HostPort,
});

/** Each spec with the port that it was given; of several that ask for the same each has its own. */
export function answered(specs: readonly PortSpec[], before: readonly WaitingPort[]): readonly Answered[] {
  const ports = new Map<string, number[]>();
  for (const mapping of before.filter(isBound)) {
    const key = answeredKey(mapping);
    const known = ports.get(key) ?? [];
    if (!known.includes(mapping.hostPort)) ports.set(key, [...known, mapping.hostPort]);
  }
  return specs.map((spec) => ({ spec, kept: ports.get(specKey(spec))?.shift() }));
}

const keyOf = (
  { protocol, containerPort }: Pick<PortSpec, 'protocol' | 'containerPort'>,
  { hostIP, hostPort }: PortMapping['asked'],
): string => `${containerPort}/${protocol} ${hostIP} ${hostPort}`;

/** The request, and the one that a port answers: several may be alike. */
export const specKey = (spec: PortSpec): string => keyOf(spec, askedOf(spec.binding));
export const answeredKey = (port: WaitingPort): string => keyOf(port, port.asked);
