import type { Client } from '#client/client.ts';
import { EngineError } from '#client/errors.ts';
import { defineCommand } from '../command.ts';
import { CliError } from '../failure.ts';
import { formatFlag, switchFlag, textFlag } from '../flags/flag.ts';
import { swarmInfo } from '../swarm/nodes.ts';
import { imagePath } from '../words/reference.ts';
import { inspectAll } from './inspecting.ts';

interface Kind {
  readonly path: (name: string) => string;
  readonly query?: Readonly<Record<string, string>>;
  /** Managers of a swarm alone have it. */
  readonly ofSwarm?: boolean;
}

const below =
  (collection: string, rest = '') =>
  (name: string): string =>
    `/${collection}/${encodeURIComponent(name)}${rest}`;

/** Kinds of things in the order in which a name is tried. */
const kinds: Readonly<Record<string, Kind>> = {
  container: { path: below('containers', '/json') },
  image: { path: (name) => `/images/${imagePath(name)}/json` },
  network: { path: below('networks') },
  volume: { path: below('volumes') },
  service: { path: below('services'), query: { insertDefaults: 'true' }, ofSwarm: true },
  task: { path: below('tasks'), ofSwarm: true },
  node: { path: below('nodes'), ofSwarm: true },
  plugin: { path: below('plugins', '/json') },
  secret: { path: below('secrets'), ofSwarm: true },
  config: { path: below('configs'), ofSwarm: true },
};

const shownKinds = Object.keys(kinds)
  .sort()
  .map((kind) => JSON.stringify(kind))
  .join(', ');

/** Throws `CliError`. */
function kindNamed(type: string): Kind {
  if (type === '') throw new CliError(`type is empty: must be one of ${shownKinds}`);
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (kind === undefined)
    throw new CliError(`unknown type: ${JSON.stringify(type)}: must be one of ${shownKinds}`);
  return kind;
}

interface Asked {
  readonly size: boolean;
}

const textOf = (engine: Client, { path, query }: Kind, { name, size }: Asked & { name: string }) =>
  engine.text('GET', path(name), {
    query: { ...query, size: path === kinds.container?.path && size },
  });

/** The first kind that has the name. */
async function anyKind(engine: Client, name: string, { size }: Asked): Promise<string> {
  let isManager: boolean | undefined;
  for (const kind of Object.values(kinds)) {
    if (kind.ofSwarm === true) {
      isManager ??= (await swarmInfo(engine)).ControlAvailable === true;
      if (!isManager) continue;
    }
    try {
      return await textOf(engine, kind, { name, size });
    } catch (thrown) {
      if (!(thrown instanceof EngineError) || thrown.httpStatus !== 404) throw thrown;
    }
  }
  throw new CliError(`Error: No such object: ${name}`);
}

export const command = defineCommand({
  takes: 'NAME|ID [NAME|ID...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {
    format: formatFlag('Format output: json, TEMPLATE', { short: 'f' }),
    size: switchFlag('size', 'Display total file sizes if the type is container', { short: 's' }),
    type: textFlag('type', 'Only inspect objects of the given type', { choices: Object.keys(kinds) }),
  },
  async run({ flags, given, operands, context }) {
    const kind = given.has('type') ? kindNamed(flags.type) : undefined;
    const engine = await context.engine();
    const fetch = (name: string): Promise<string> =>
      kind === undefined ? anyKind(engine, name, flags) : textOf(engine, kind, { name, size: flags.size });
    return inspectAll(context, operands, fetch, flags.format);
  },
});
