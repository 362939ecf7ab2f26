/** What this node is: for its managers, and for its own records. */
import { existsSync, readFileSync } from 'node:fs';
import { cpus, hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { readAdvertise } from '../../../cluster/advertise.ts';
import { writeWholeSync } from '../../../files/write-whole.ts';
import { reportedRoutes } from '../../../model/host-routes.ts';
import type { Node } from '../../../model/node.ts';
import { joinHostPort } from '../../../net/address.ts';
import type { SwarmStanding } from '../../../swarm/access.ts';
import type { NodeDescription } from '../../../swarm/records.ts';
import { version } from '../../../version.ts';
import type { Core } from '../../core.ts';
import { routesOfOthers } from '../../host-routes.ts';
import { tunnelKey, tunnelKeyFile } from '../../tunnel-key.ts';

export type Describing = Pick<
  Core,
  'config' | 'generate' | 'hostRoutes' | 'kernel' | 'logger' | 'managed' | 'model' | 'plugins'
>;

/** Docker's port of managers. */
const managerPort = 2377;
/** Names as Docker writes them. */
const machine = { x64: 'x86_64', arm64: 'aarch64' } as Readonly<Record<string, string>>;

/** Its record. Throws CONFIG_INVALID where its data address is none of this host. */
export function nodeHere(core: Describing, standing: SwarmStanding): Node {
  const { route } = core.kernel.host;
  const data = joinHostPort(standing.dataAddress ?? standing.address, String(managerPort));
  const place = readAdvertise(data, { links: route.listLinks(), addresses: route.listAddresses() });
  const key = publicKey(core);
  return {
    ...{ id: standing.nodeId, name: hostname(), ...place, here: true },
    advertise: joinHostPort(standing.address, String(managerPort)),
    instance: instanceOf(core),
    ...(key !== undefined && { key }),
  };
}

export function describeNode(core: Describing, here: Node): NodeDescription {
  const { data4, data6, mtu, key } = here;
  return {
    hostname: here.name,
    platform: { architecture: machine[process.arch] ?? process.arch, os: 'linux' },
    resources: { nanoCpus: cpus().length * 1e9, memoryBytes: totalmem() },
    engine: { version, labels: labelsOf(core), plugins: pluginsOf(core) },
    ...(data4 !== undefined && { data4 }),
    ...(data6 !== undefined && { data6 }),
    ...{ mtu, ...(key !== undefined && { tunnelKey: key }) },
    routes: reportedRoutes(routesOfOthers(core)),
    busyPorts: here.busyPorts ?? [],
  };
}

/** `NAME=VALUE` of the settings. */
const labelsOf = ({ config }: Pick<Core, 'config'>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    config.labels.map((label) => {
      const [name = '', ...value] = label.split('=');
      return [name, value.join('=')];
    }),
  );

function pluginsOf({ managed, model, plugins }: Pick<Core, 'managed' | 'model' | 'plugins'>) {
  const ofType = (type: string, names: readonly string[]) =>
    [...new Set(names)].sort().map((name) => ({ type, name }));
  return [
    ...ofType('Log', ['json-file', 'local', 'none']),
    ...ofType('Network', [
      ...model.drivers.names,
      ...managed.named('networkdriver'),
      ...plugins.used('NetworkDriver'),
    ]),
    ...ofType('Volume', ['local', ...managed.named('volumedriver'), ...plugins.used('VolumeDriver')]),
  ];
}

/** Without a key this node cannot be on encrypted networks, but on all others. */
function publicKey({ config, logger }: Pick<Core, 'config' | 'logger'>): string | undefined {
  try {
    return tunnelKey(tunnelKeyFile(config.dataRoot)).public;
  } catch (error) {
    logger.error('the key for encrypted networks cannot be read', { error });
    return undefined;
  }
}

/** Random, drawn at each boot: the exec root does not outlive one. */
function instanceOf({ config, generate }: Pick<Core, 'config' | 'generate'>): string {
  const path = join(config.execRoot, 'cluster-instance');
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const instance = generate.id();
  writeWholeSync(path, `${instance}\n`);
  return instance;
}
