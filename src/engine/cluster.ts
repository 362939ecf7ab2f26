/** This host in a cluster. Loaded only by an engine that has a cluster store. */
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../cluster/cluster.ts';
import { parts, root } from '../cluster/keys.ts';
import { fail } from '../errors.ts';
import { writeWholeSync } from '../files/write-whole.ts';
import { parseSessionTimes, parseSource } from '../kv/source.ts';
import { reportedRoutes } from '../model/host-routes.ts';
import type { Node } from '../model/node.ts';
import type { Change, View } from '../model/tables.ts';
import type { ClusterVerbs } from './cluster-verbs.ts';
import type { Networking } from './containers/networking.ts';
import type { Core } from './core.ts';
import { routesOfOthers } from './host-routes.ts';
import { takeOff } from './taken-off.ts';
import { nextKeyFile, tunnelKey, tunnelKeyFile } from './tunnel-key.ts';

export type Clustering = Networking &
  Pick<Core, 'config' | 'hostRoutes' | 'identity' | 'sharing' | 'retries' | 'generate'>;

/** Called before recorded objects are planned. Resolves with undefined for an engine without a cluster. */
export async function enterCluster(core: Clustering): Promise<Cluster | undefined> {
  const { store, advertise, options } = core.config.cluster;
  if (store === '' || advertise === '') {
    await core.records.keep((view) => leaving(view, core.identity));
    return undefined;
  }
  const [{ Cluster }, { openKv }, { readAdvertise }] = await Promise.all([
    import('../cluster/cluster.ts'),
    import('../kv/open.ts'),
    import('../cluster/advertise.ts'),
  ]);
  const { route } = core.kernel.host;
  const place = readAdvertise(advertise, { links: route.listLinks(), addresses: route.listAddresses() });
  const instance = instanceOf(core);
  const routes = reportedRoutes(routesOfOthers(core));
  const node: Node = { id: core.identity, name: hostname(), ...place, instance, routes, ...publicKey(core) };
  const cluster = new Cluster({
    ...{ url: store, node, view: core.model, logger: core.logger, retries: core.retries },
    kv: await openKv(parseSource(store, options), { folder: root, parts }),
    ttl: parseSessionTimes(options).ttl * 1000,
    now: core.generate.now,
    arrive: (changes) => core.records.arrive(changes),
    taken: async (endpoints) => {
      await Promise.all(endpoints.map((one) => takeOff(core, one)));
    },
  });
  core.sharing.enter(cluster);
  await cluster.introduce();
  return cluster;
}

/** Removes the record of this host's node. In a swarm it has another id, and stays. */
const leaving = (view: View, identity: string): readonly Change[] =>
  view.get('nodes', identity)?.here ? [{ table: 'nodes', remove: identity }] : [];

/** Without a key this host cannot be on encrypted networks, but on all others. */
function publicKey({
  config: { dataRoot },
  logger,
}: Pick<Clustering, 'config' | 'logger'>): Pick<Node, 'key' | 'nextKey'> {
  const next = nextKeyFile(dataRoot);
  try {
    return {
      key: tunnelKey(tunnelKeyFile(dataRoot)).public,
      ...(existsSync(next) && { nextKey: tunnelKey(next).public }),
    };
  } catch (error) {
    logger.error('the key for encrypted networks cannot be read', { error });
    return {};
  }
}

/** A random id per boot: the exec root does not outlive a boot. */
function instanceOf({ config, generate }: Pick<Clustering, 'config' | 'generate'>): string {
  const path = join(config.execRoot, 'cluster-instance');
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const instance = generate.id();
  writeWholeSync(path, `${instance}\n`);
  return instance;
}

export function clusterVerbs(core: Pick<Core, 'model' | 'sharing'>): ClusterVerbs {
  const cluster = (): Cluster => {
    const { cluster } = core.sharing;
    if (!cluster) throw fail('CLUSTER_NONE');
    return cluster;
  };
  return {
    nodes: () => {
      cluster();
      const endpoints = Array.from(core.model.all('networks')).flatMap(({ id, scope }) =>
        scope === 'global' ? core.model.endpointsOfNetwork(id) : [],
      ).length;
      const peers = new Map<string, number>();
      for (const { nodeId } of core.model.all('peers')) peers.set(nodeId, (peers.get(nodeId) ?? 0) + 1);
      return Array.from(core.model.all('nodes'), (node) => ({
        node,
        endpoints: node.here ? endpoints : (peers.get(node.id) ?? 0),
      }));
    },
    forget: async (ref) => {
      await cluster().forget(ref);
    },
  };
}
