/**
 * Published ports are held on the host by a bound socket, so that no other program can take them and a
 * program that has one already is noticed. Traffic never reaches these sockets: it is redirected before.
 */
import { SeawayError } from '../errors.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { PortMapping } from '../model/sandbox.ts';

export interface HostPorts {
  /** Hold exactly these for a sandbox; what it held and is not in the list is let go. Throws PORT_IN_USE. */
  hold(sandboxId: string, ports: readonly PortMapping[]): void;
  letGo(sandboxId: string): void;
  close(): void;
}

const keyOf = ({ protocol, hostIP, hostPort }: PortMapping): string => `${protocol}/${hostIP}/${hostPort}`;

export function createHostPorts(kernel: Pick<Kernel, 'holdPort'>): HostPorts {
  const held = new Map<string, Map<string, () => void>>();

  const letGo = (sandboxId: string): void => {
    for (const release of held.get(sandboxId)?.values() ?? []) release();
    held.delete(sandboxId);
  };

  return {
    hold(sandboxId, ports) {
      const mine = held.get(sandboxId) ?? new Map<string, () => void>();
      const wanted = new Map(ports.map((port) => [keyOf(port), port]));
      for (const [key, release] of mine) {
        if (wanted.has(key)) continue;
        release();
        mine.delete(key);
      }
      if (wanted.size > 0) held.set(sandboxId, mine);
      else held.delete(sandboxId);
      try {
        for (const [key, port] of wanted)
          if (!mine.has(key)) mine.set(key, kernel.holdPort(port.protocol, port.hostIP, port.hostPort));
      } catch (error) {
        letGo(sandboxId);
        throw error;
      }
    },
    letGo,
    close() {
      for (const sandboxId of [...held.keys()]) letGo(sandboxId);
    },
  };
}

/** The port that the host itself uses, if that is what an error says. */
export function isPortInUse(thrown: unknown): boolean {
  return thrown instanceof SeawayError && thrown.code === 'PORT_IN_USE';
}
