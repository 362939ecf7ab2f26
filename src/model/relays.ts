/**
 * Ports that a process passes on, because the kernel does not: by IPv6 to a container that has IPv4 only, and on `[::1]`,
 * which no rule translates.
 */
import { joinHostPort } from '../net/address.ts';
import { familyOf } from '../net/family.ts';
import { isBound } from './port-index.ts';
import type { PortMapping, Protocol, Sandbox } from './sandbox.ts';

type Mapping = Pick<PortMapping, 'protocol' | 'hostIP' | 'hostPort' | 'address' | 'containerPort'>;

/** A port of the host, and where its connections go. */
export interface Relay {
  /** `tcp/::/8080`. */
  readonly place: string;
  /** `172.17.0.2:80`. */
  readonly target: string;
  readonly port: PortMapping;
}

/** Ports of a container that are passed on: each has a socket, and of long ranges IPv6 is left out. */
export const mostRelayed = 256;

/** Whether there are processes that pass the protocol on. */
export const isRelayable = (protocol: Protocol): boolean => protocol !== 'sctp';

/** Whether rules of the firewall lead to it. */
export const isTranslated = ({ hostIP, address }: Pick<Mapping, 'hostIP' | 'address'>): boolean =>
  familyOf(hostIP) === familyOf(address) && hostIP !== '::1';

/** Whether some of its connections are passed on. With `::` and a container that has IPv6, those to `::1`. */
export const isRelayed = (port: Mapping): boolean =>
  isBound(port) && isRelayable(port.protocol) && (!isTranslated(port) || port.hostIP === '::');

export const placeOfRelay = ({ protocol, hostIP, hostPort }: Mapping): string =>
  `${protocol}/${hostIP}/${hostPort}`;

export function relaysOf({ ports }: Pick<Sandbox, 'ports'>): readonly Relay[] {
  return ports
    .filter(isRelayed)
    .slice(0, mostRelayed)
    .map((port) => ({
      place: placeOfRelay(port),
      target: joinHostPort(port.address, port.containerPort),
      port,
    }));
}
