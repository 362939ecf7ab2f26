/** Reads what the doctor judges of the host. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { HostState } from '../../doctor/host.ts';
import { isOnHost, routeConflicts } from '../../model/host-routes.ts';
import { dataAddress, nodeHere, tunnelFamily } from '../../model/node.ts';
import { tunnelOverhead } from '../../model/tunnel.ts';
import { parseResolvConf } from '../../names/resolv-conf.ts';
import { bare } from '../../net/address.ts';
import { askName } from '../explain/ask-name.ts';
import { hostFile } from '../host-file.ts';
import { routesOfOthers } from '../host-routes.ts';
import type { Examining } from './examining.ts';
import { surroundings } from './surroundings.ts';

/** Milliseconds for a name server. */
const patience = 800;

export async function hostState(core: Examining): Promise<HostState> {
  const { model, kernel, config } = core;
  const { host } = kernel;
  const number = (key: string): number => Number(host.readSysctl(key) ?? 0);
  return {
    ...(await surroundings(core)),
    closedFamilies: closedFamilies(core),
    unfiltered: unfiltered(core),
    strictLinks: strictLinks(core),
    tracked: {
      used: number('net.netfilter.nf_conntrack_count'),
      most: number('net.netfilter.nf_conntrack_max'),
    },
    neighbours: neighbours(core),
    uplinkMtu: core.facts().uplinkMtu,
    ...networkSizes(core),
    hidden: routeConflicts(model, routesOfOthers(core)).map(({ network, subnet, route }) => ({
      ...{ network: network.name, subnet, link: route.link, destination: route.destination },
    })),
    engines: otherEngines(),
    nameServers: await nameServers(core),
    clockBehind: clockBehind(core),
    disks: await Promise.all([config.dataRoot, config.execRoot].map(spaceOf)),
    lacking: lacking(core),
    lagging: await laggingNodes(core),
  };
}

const isForwarding = ({ kernel: { host } }: Examining, family: 4 | 6): boolean =>
  (host.readSysctl(family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding') ?? '1') !== '0';

/** Internal networks need none. */
function closedFamilies(core: Examining): readonly (4 | 6)[] {
  const { model } = core;
  const needing = [...model.all('networks')].filter(
    (network) =>
      isOnHost(model.drivers, network) &&
      !network.internal &&
      model.endpointsOfNetwork(network.id).length > 0,
  );
  return ([4, 6] as const).filter(
    (family) =>
      needing.some(({ enableIPv4, enableIPv6 }) => (family === 4 ? enableIPv4 : enableIPv6)) &&
      !isForwarding(core, family),
  );
}

/** Rules within a bridge need br_netfilter; without it the setting is not there. */
function unfiltered({ model, facts }: Examining): readonly string[] {
  if (facts().bridgeNetfilter) return [];
  return [...model.all('networks')]
    .filter((network) => isOnHost(model.drivers, network))
    .filter((network) => model.drivers.find(network.driver).forwarding?.(network).icc === false)
    .map(({ name }) => name);
}

function strictLinks({ kernel: { host } }: Examining): readonly string[] {
  const defaults = host.route.listRoutes().filter(({ destination }) => destination === '0.0.0.0/0');
  const links = new Set(defaults.flatMap(({ link = 0 }) => host.route.findLinkByIndex(link)?.name ?? []));
  if (links.size < 2) return [];
  const of = (link: string): number => Number(host.readSysctl(`net/ipv4/conf/${link}/rp_filter`) ?? 0);
  return [...links].filter((link) => Math.max(of('all'), of(link)) === 1);
}

/** The limits are those of the first namespace; elsewhere they cannot be read. */
function neighbours({ kernel: { host } }: Examining): HostState['neighbours'] {
  const of = (family: 4 | 6) => {
    const most = Number(host.readSysctl(`net/ipv${family}/neigh/default/gc_thresh3`) ?? 0);
    // the first number of /proc/net/stat is the size of the table of all namespaces, hexadecimal
    const [, line = ''] = hostFile(`/proc/net/stat/${family === 4 ? 'arp' : 'ndisc'}_cache`).split('\n');
    return { used: Number.parseInt(line.trim().split(/\s+/)[0] || '0', 16), most };
  };
  return { 4: of(4), 6: of(6) };
}

function networkSizes({ model, kernel: { host } }: Examining): Pick<HostState, 'networks' | 'dataMtu'> {
  const nodes = [...model.all('nodes')];
  const networks = [...model.all('networks')].flatMap((network) => {
    const { name, overlay, link } = network;
    if (overlay)
      return [{ name, mtu: overlay.mtu, overhead: tunnelOverhead({ nodes, encrypted: overlay.encrypted }) }];
    const found = isOnHost(model.drivers, network) && host.route.findLink(link);
    return found && model.endpointsOfNetwork(network.id).length > 0
      ? [{ name, mtu: found.mtu, overhead: 0 }]
      : [];
  });
  const here = nodeHere(nodes);
  const address = here ? dataAddress(here, tunnelFamily(nodes)) : '';
  const holder = host.route.listAddresses().find((each) => bare(each.address) === address);
  const dataMtu = holder ? (host.route.findLinkByIndex(holder.link)?.mtu ?? 0) : 0;
  return { networks, dataMtu };
}

const engines: ReadonlySet<string> = new Set(['dockerd', 'seawayd']);

/** Processes in this network namespace, by their names. */
function otherEngines(): HostState['engines'] {
  const here = readlinkSync('/proc/self/ns/net');
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      if (!engines.has(name) || readlinkSync(`/proc/${pid}/ns/net`) !== here) return [];
      return [{ name, pid: Number(pid) }];
    } catch {
      // it has ended
      return [];
    }
  });
}

/** Any answer counts, also that there is no such name. */
async function nameServers({ kernel: { host }, config }: Examining): Promise<HostState['nameServers']> {
  const own = config.dns.slice(0, 3);
  const servers = [
    ...new Set([...own, ...parseResolvConf(hostFile('/etc/resolv.conf')).servers.slice(0, 3)]),
  ];
  return Promise.all(
    servers.map(async (address) => {
      const { code } = await askName(host, {
        server: address,
        name: 'localhost',
        family: 4,
        limit: patience,
      });
      return { address, from: own.includes(address) ? '--dns' : '/etc/resolv.conf', answers: code >= 0 };
    }),
  );
}

function clockBehind({ model }: Examining): number {
  const newest = Math.max(
    0,
    ...[...model.all('networks'), ...model.all('containers')].map(({ created }) => Date.parse(created) || 0),
  );
  // a record may be made while this runs
  const behind = (newest - Date.now()) / 1000;
  return behind > 5 ? behind : 0;
}

async function spaceOf(path: string): Promise<HostState['disks'][number]> {
  const { bavail, blocks, bsize, ffree, files } = await statfs(path);
  return { path, free: bavail * bsize, size: blocks * bsize, freeFiles: ffree, files };
}

/** Milliseconds that a node may need on a busy machine. */
const patienceWithNodes = 30_000;

/** Of a manager, the nodes that have their session with it. */
async function laggingNodes({ swarm }: Examining): Promise<HostState['lagging']> {
  if (!swarm.isManaging) return [];
  const { swarmProgress } = await import('../swarm/state.ts');
  return swarmProgress({ swarm }).flatMap(({ node, progress }) => {
    const behind = progress?.behind ?? 0;
    if (node.status.state !== 'ready' || behind < patienceWithNodes) return [];
    return [{ node: node.description?.hostname ?? node.id, seconds: Math.round(behind / 1000) }];
  });
}

/** What a failed scope has said of the kernel. */
function lacking({ retries }: Examining): HostState['lacking'] {
  return retries.list().flatMap(({ error }) => {
    const [, what] = /the kernel lacks ([\w-]+)/.exec(error) ?? [];
    return what === undefined ? [] : [{ what, module: what, why: error }];
  });
}
