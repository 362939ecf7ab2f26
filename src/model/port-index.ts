/** Which host ports are published, so that asking costs the same however many there are. */
import { familyOf, wildcard } from '../net/family.ts';
import type { PortMapping, Protocol } from './sandbox.ts';

export interface PortReader {
  /**
   * The host address of a mapping that stands in the way of this one, or undefined. `own`: addresses on which
   * the asker has the port already.
   */
  conflict(
    protocol: Protocol,
    hostIP: string,
    hostPort: number,
    own?: ReadonlySet<string>,
  ): string | undefined;
}

/** The address that means every address of a family. */
export const wildcardOf = (address: string): string => wildcard(familyOf(address));

/** Whether the host has a port for it; see `PortMapping`. */
export const isBound = ({ hostPort }: Pick<PortMapping, 'hostPort'>): boolean => hostPort !== 0;

type Place = Pick<PortMapping, 'protocol' | 'hostIP' | 'hostPort'>;

export class PortIndex implements PortReader {
  /** `protocol/port` to the host addresses that have it. */
  readonly #taken = new Map<string, Set<string>>();

  conflict(
    protocol: Protocol,
    hostIP: string,
    hostPort: number,
    own: ReadonlySet<string> = new Set(),
  ): string | undefined {
    const addresses = this.#taken.get(`${protocol}/${hostPort}`);
    if (!addresses) return undefined;
    const isOthers = (address: string): boolean => addresses.has(address) && !own.has(address);
    if (isOthers(hostIP)) return hostIP;
    const wildcard = wildcardOf(hostIP);
    if (isOthers(wildcard)) return wildcard;
    if (hostIP !== wildcard) return undefined;
    return [...addresses].find((address) => wildcardOf(address) === wildcard && isOthers(address));
  }

  take(ports: readonly Place[]): void {
    for (const { protocol, hostIP, hostPort } of ports.filter(isBound)) {
      const key = `${protocol}/${hostPort}`;
      const addresses = this.#taken.get(key);
      if (addresses) addresses.add(hostIP);
      else this.#taken.set(key, new Set([hostIP]));
    }
  }

  give(ports: readonly Place[]): void {
    for (const { protocol, hostIP, hostPort } of ports.filter(isBound)) {
      const key = `${protocol}/${hostPort}`;
      const addresses = this.#taken.get(key);
      addresses?.delete(hostIP);
      if (addresses?.size === 0) this.#taken.delete(key);
    }
  }
}
