/**
 * Published ports are held on the host by a bound socket, so that no other program can take them and a
 * program that has one already is noticed. Traffic never reaches these sockets: it is redirected before.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { PortMapping } from '../model/sandbox.ts';

export interface HostPorts {
  /** Hold exactly these for a sandbox; what it held and is not in the list is let go. Throws PORT_IN_USE. */
  hold(sandboxId: string, ports: readonly PortMapping[]): void;
  letGo(sandboxId: string): void;
  close(): void;
}

const keyOf = ({ protocol, hostIP, hostPort }: PortMapping): string => `${protocol}/${hostIP}/${hostPort}`;

interface Held {
  sandboxId: string;
  readonly release: () => void;
}

/**
 * Who may have a port is decided by the model. A socket that is still held for a sandbox that has given the
 * port back there, and that is about to let go, is handed over to the next one.
 */
export function createHostPorts(kernel: Pick<Kernel, 'holdPort'>): HostPorts {
  const held = new Map<string, Held>();
  const keys = new Map<string, Set<string>>();

  const release = (sandboxId: string, kept: ReadonlySet<string>): void => {
    const mine = keys.get(sandboxId) ?? new Set();
    for (const key of [...mine].filter((one) => !kept.has(one))) {
      mine.delete(key);
      const one = held.get(key);
      if (one?.sandboxId !== sandboxId) continue;
      one.release();
      held.delete(key);
    }
    if (mine.size === 0) keys.delete(sandboxId);
  };

  const take = (sandboxId: string, port: PortMapping): void => {
    const key = keyOf(port);
    const known = held.get(key);
    if (known) known.sandboxId = sandboxId;
    else held.set(key, { sandboxId, release: kernel.holdPort(port.protocol, port.hostIP, port.hostPort) });
    keys.set(sandboxId, (keys.get(sandboxId) ?? new Set()).add(key));
  };

  return {
    hold(sandboxId, ports) {
      release(sandboxId, new Set(ports.map(keyOf)));
      try {
        for (const port of ports) take(sandboxId, port);
      } catch (error) {
        release(sandboxId, new Set());
        throw error;
      }
    },
    letGo: (sandboxId) => release(sandboxId, new Set()),
    close() {
      for (const sandboxId of [...keys.keys()]) release(sandboxId, new Set());
    },
  };
}
