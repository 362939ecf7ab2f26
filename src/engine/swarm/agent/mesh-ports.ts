/** Ports of the routing mesh are held on each node, so that no other program takes them, and one that has them is noticed. */
import type { MeshPort } from '../../../model/virtual-service.ts';
import type { Core } from '../../core.ts';
import { PortRefused } from '../../host-ports.ts';

export class HeldMeshPorts {
  readonly #core: Pick<Core, 'hostPorts' | 'logger'>;
  #known = new Set<string>();
  #busy: readonly string[] = [];

  constructor(core: Pick<Core, 'hostPorts' | 'logger'>) {
    this.#core = core;
  }

  /** Those that another program has, `tcp 8080`: they are not served here. Sorted. */
  get busy(): readonly string[] {
    return this.#busy;
  }

  /** Holds exactly these; those that were busy are tried again. */
  hold(ports: readonly MeshPort[]): void {
    const { hostPorts, logger } = this.#core;
    const wanted = new Map(ports.map((port) => [port.id, port]));
    for (const id of this.#known) if (!wanted.has(id)) hostPorts.letGo(keyOf(id));
    const busy: string[] = [];
    for (const port of wanted.values()) {
      try {
        hostPorts.hold(keyOf(port.id), mappings(port));
      } catch (error) {
        if (!(error instanceof PortRefused)) throw error;
        if (!this.#busy.includes(port.id))
          logger.warn('a published port of the swarm is not served by this node', {
            ...{ port: `${port.port}/${port.protocol}`, service: port.serviceName, error },
          });
        busy.push(port.id);
      }
    }
    this.#known = new Set(wanted.keys());
    this.#busy = busy.sort();
  }
}

const keyOf = (id: string): string => `mesh ${id}`;

const mappings = ({ protocol, port, targetPort }: MeshPort) =>
  ['0.0.0.0', '::'].map((hostIP) => ({
    ...{ protocol, hostIP, hostPort: port, containerPort: targetPort, address: '', endpointId: '' },
    asked: { hostIP: '', hostPort: String(port) },
  }));
