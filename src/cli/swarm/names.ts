/** Names of nodes and services by their ids, each asked for once. */
import type { Client } from '#client/client.ts';
import { EngineError } from '#client/errors.ts';
import { CliError } from '../failure.ts';
import type { Node, Service } from './types.ts';

export class Names {
  private readonly engine: Client;
  private readonly isOff: boolean;
  private readonly known = new Map<string, string>();

  constructor(engine: Client, { noResolve = false }: { readonly noResolve?: boolean } = {}) {
    this.engine = engine;
    this.isOff = noResolve;
  }

  /** The id where there is no such node any more. */
  async node(id: string): Promise<string> {
    return this.of(id, async () => {
      const { Spec, Description } = await this.engine.get<Node>(`/nodes/${encodeURIComponent(id)}`);
      return Spec.Name || Description.Hostname || id;
    });
  }

  async service(id: string): Promise<string> {
    return this.of(id, async () => {
      const path = `/services/${encodeURIComponent(id)}`;
      const { Spec } = await this.engine.get<Service>(path, { insertDefaults: 'false' });
      return Spec.Name ?? id;
    });
  }

  private async of(id: string, ask: () => Promise<string>): Promise<string> {
    if (this.isOff || id === '') return id;
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const name = await ask().catch((thrown: unknown) => {
      if (thrown instanceof EngineError) return id;
      throw thrown;
    });
    this.known.set(id, name);
    return name;
  }
}

/** The node that a command line names: `self` is the engine's own. Throws `CliError`. */
export async function nodeReference(engine: Client, name: string): Promise<string> {
  if (name !== 'self') return name;
  const { Swarm } = await engine.get<{ Swarm?: { NodeID?: string; ControlAvailable?: boolean } }>('/info');
  if (Swarm?.NodeID) return Swarm.NodeID;
  // The engine says why, if it is no manager.
  if (Swarm?.ControlAvailable !== true) await engine.get('/nodes');
  throw new CliError('node ID not found in /info');
}
