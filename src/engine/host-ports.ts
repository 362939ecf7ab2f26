/**
 * Holds published ports on the host by bound sockets, so that no other program can take them and one that has them is
 * noticed. Traffic is redirected before it reaches these sockets.
 */

import { errorTable, SeawayError } from '../errors.ts';
import { Fault } from '../kernel/ffi/fault.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { isBound } from '../model/port-index.ts';
import type { PortMapping } from '../model/sandbox.ts';
import { joinHostPort } from '../net/address.ts';

/** A port that cannot be bound: PORT_IN_USE, in Docker's words. */
export class PortRefused extends SeawayError {
  readonly port: PortMapping;

  constructor(port: PortMapping, cause: unknown) {
    const { protocol, hostIP, hostPort, address, containerPort } = port;
    const where = `${joinHostPort(hostIP, hostPort)}:${joinHostPort(address, containerPort)}/${protocol}`;
    const [kind, message] = errorTable.PORT_IN_USE;
    super(
      'PORT_IN_USE',
      kind,
      message(where, isAbsent(cause) ? 'cannot assign requested address' : undefined),
      { cause },
    );
    this.port = port;
  }
}

/** Whether the host lacks the address. */
const isAbsent = (thrown: unknown): boolean =>
  thrown instanceof SeawayError && thrown.cause instanceof Fault && thrown.cause.code === 'EADDRNOTAVAIL';

export interface HostPorts {
  /**
   * Holds exactly these ports for a sandbox and releases its others. Throws PortRefused, and then holds the former
   * ports.
   */
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
 * The model decides who has a port. A socket of a sandbox that has given the port up in the model, but not yet released
 * it, is handed over to the next one.
 */
export function createHostPorts(kernel: Pick<Kernel, 'holdPort'>): HostPorts {
  const held = new Map<string, Held>();
  const keys = new Map<string, Map<string, PortMapping>>();

  const bound = (port: PortMapping): (() => void) => {
    try {
      return kernel.holdPort(port.protocol, port.hostIP, port.hostPort);
    } catch (error) {
      throw new PortRefused(port, error);
    }
  };

  const release = (sandboxId: string, kept: ReadonlySet<string>): void => {
    const mine = keys.get(sandboxId) ?? new Map();
    for (const key of [...mine.keys()].filter((one) => !kept.has(one))) {
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
    else held.set(key, { sandboxId, release: bound(port) });
    keys.set(sandboxId, (keys.get(sandboxId) ?? new Map()).set(key, port));
  };

  return {
    hold(sandboxId, all) {
      const ports = all.filter(isBound);
      const before = [...(keys.get(sandboxId)?.values() ?? [])];
      release(sandboxId, new Set(ports.map(keyOf)));
      try {
        for (const port of ports) take(sandboxId, port);
      } catch (error) {
        release(sandboxId, new Set(before.map(keyOf)));
        for (const port of before) take(sandboxId, port);
        throw error;
      }
    },
    letGo: (sandboxId) => release(sandboxId, new Set()),
    close() {
      for (const sandboxId of [...keys.keys()]) release(sandboxId, new Set());
    },
  };
}
