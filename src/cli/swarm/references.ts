/** Names of networks, secrets and configs on a command line, and the ids that a service's spec has instead. */
import { type Client, filtersQuery } from '#client/client.ts';
import { CliError } from '../failure.ts';
import type { FileReference } from './file-references.ts';
import type { ConfigReference, SecretReference, SwarmObject } from './types.ts';

type Named = SwarmObject<{ readonly Name: string }>;

export class References {
  private readonly engine: Client;

  constructor(engine: Client) {
    this.engine = engine;
  }

  /** The id of a network of the swarm. Throws `EngineError`. */
  async network(name: string): Promise<string> {
    const path = `/networks/${encodeURIComponent(name)}`;
    const { Id } = await this.engine.get<{ Id: string }>(path, { scope: 'swarm' });
    return Id;
  }

  /** Throws `CliError` where one is missing, or two have one file. */
  async secrets(asked: readonly FileReference[]): Promise<SecretReference[]> {
    const ids = await this.idsOf('secret', asked, []);
    return asked.map(({ name, file }) => ({ File: file, SecretID: ids.get(name), SecretName: name }));
  }

  /** The same for configs; `credential` names the one that holds a credential spec. */
  async configs(asked: readonly FileReference[], credential: string | undefined): Promise<ConfigReference[]> {
    const more = credential ? [credential] : [];
    const ids = await this.idsOf('config', asked, more);
    return [
      ...asked.map(({ name, file }) => ({ File: file, ConfigID: ids.get(name), ConfigName: name })),
      ...more.map((name) => ({ Runtime: {}, ConfigID: ids.get(name), ConfigName: name })),
    ];
  }

  private async idsOf(
    kind: 'secret' | 'config',
    asked: readonly FileReference[],
    more: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const targets = new Set<string>();
    for (const { name, file } of asked) {
      if (targets.has(file.Name)) throw new CliError(`duplicate ${kind} target for ${name} not allowed`);
      targets.add(file.Name);
    }
    const names = [...new Set([...asked.map(({ name }) => name), ...more])];
    if (names.length === 0) return new Map();
    const found = await this.engine.get<Named[]>(`/${kind}s`, { filters: filtersQuery({ name: names }) });
    const ids = new Map(found.map(({ ID, Spec }) => [Spec.Name, ID]));
    const missing = names.find((name) => !ids.has(name));
    if (missing !== undefined) throw new CliError(`${kind} not found: ${missing}`);
    return ids;
  }
}
