/** Findings about the host: what is wrong with it for networks of containers, or soon will be. */
import { type Finding, fixCommand } from './finding.ts';
import { manual } from './manual.ts';
import { type Surroundings, surroundingFindings } from './surroundings.ts';

/** Filled and largest. */
export interface Fill {
  readonly used: number;
  readonly most: number;
}

export interface HostState extends Surroundings {
  /** Families whose forwarding is off and that a network needs. */
  readonly closedFamilies: readonly (4 | 6)[];
  /** Networks that keep containers apart by rules that the kernel does not apply to bridges (br_netfilter). */
  readonly unfiltered: readonly string[];
  /** Links of default routes with strict reverse path filtering; empty where there is one uplink only. */
  readonly strictLinks: readonly string[];
  readonly tracked: Fill;
  readonly neighbours: Readonly<Partial<Record<4 | 6, Fill>>>;
  readonly uplinkMtu: number;
  /** MTU of the links of networks, and what a tunnel between hosts adds to their packets; 0 where they go through none. */
  readonly networks: readonly { readonly name: string; readonly mtu: number; readonly overhead: number }[];
  /** MTU of the link that has this node's data address; 0 without a cluster. */
  readonly dataMtu: number;
  /** Subnets that the host routes elsewhere. */
  readonly hidden: readonly {
    readonly network: string;
    readonly subnet: string;
    readonly link: string;
    readonly destination: string;
  }[];
  /** Other engines in this network namespace: name and pid. */
  readonly engines: readonly { readonly name: string; readonly pid: number }[];
  readonly nameServers: readonly {
    readonly address: string;
    /** `/etc/resolv.conf`, or `--dns`. */
    readonly from: string;
    readonly answers: boolean;
  }[];
  /** Seconds by which the clock is behind the newest record. */
  readonly clockBehind: number;
  /** Of file systems that the engine writes to. */
  readonly disks: readonly {
    readonly path: string;
    readonly free: number;
    readonly size: number;
    /** Files that can still be made, and all; 0 where the file system has no limit. */
    readonly freeFiles: number;
    readonly files: number;
  }[];
  /** Nodes of the swarm that have not acknowledged the network state that they were sent, and for how many seconds; of a manager. */
  readonly lagging: readonly { readonly node: string; readonly seconds: number }[];
  /** Kinds of link that the kernel cannot make, with the module. */
  readonly lacking: readonly { readonly what: string; readonly module: string; readonly why: string }[];
}

const near = 0.85;
const isNear = ({ used, most }: Fill): boolean => most > 0 && used >= most * near;
/** Bytes, and a share of the file system. */
const leastFree = 512 * 1024 * 1024;
const leastShare = 0.02;

const setting = (
  finding: Pick<Finding, 'code' | 'sentence'>,
  { key, value }: { readonly key: string; readonly value: string },
): Finding => ({
  ...finding,
  at: 'this host',
  cure: `sysctl -w ${key}=${value}, or ${fixCommand}`,
  would: [`set ${key} to ${value}`],
  fix: { kind: 'sysctl', key, value },
});

export const hostFindings = (state: HostState): readonly Finding[] => [
  ...forwarding(state),
  ...bridgeFilter(state),
  ...pathFilter(state),
  ...tables(state),
  ...sizes(state),
  ...routes(state),
  ...others(state),
  ...names(state),
  ...machine(state),
  ...lagging(state),
  ...surroundingFindings(state),
];

const lagging = (state: HostState): readonly Finding[] =>
  state.lagging.map(({ node, seconds }) =>
    manual({
      ...{ code: 'node-behind', at: `node ${node}` },
      sentence: `node ${node} has not taken over the network state that it was sent ${seconds} s ago: what moved since is reached by its old address from there`,
      cure: `look at the log of seawayd on ${node}, and at seaway doctor there`,
    }),
  );

const forwarding = ({ closedFamilies }: HostState): readonly Finding[] =>
  closedFamilies.map((family) => {
    const key = family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding';
    return setting(
      { code: 'forwarding-off', sentence: `the host forwards no IPv${family} packets, which networks need` },
      { key, value: '1' },
    );
  });

const bridgeFilter = ({ unfiltered }: HostState): readonly Finding[] =>
  unfiltered.length === 0
    ? []
    : [
        manual({
          code: 'bridge-filter-off',
          sentence: `br_netfilter is not loaded, so the containers of ${unfiltered.join(', ')} are not kept apart`,
          cure: 'modprobe br_netfilter, and restart seawayd',
        }),
      ];

const pathFilter = ({ strictLinks }: HostState): readonly Finding[] =>
  strictLinks.map((link) =>
    setting(
      {
        code: 'rp-filter',
        sentence: `the host has several uplinks, and ${link} drops packets whose sender is reached by another one (rp_filter=1)`,
      },
      // with slashes, since names of links may have dots
      { key: `net/ipv4/conf/${link}/rp_filter`, value: '2' },
    ),
  );

function tables({ tracked, neighbours }: HostState): readonly Finding[] {
  const found: Finding[] = [];
  if (isNear(tracked))
    found.push(
      setting(
        {
          code: 'conntrack-near-full',
          sentence: `the table of tracked connections is nearly full (${tracked.used} of ${tracked.most}): new ones will be dropped`,
        },
        { key: 'net.netfilter.nf_conntrack_max', value: String(tracked.most * 2) },
      ),
    );
  for (const family of [4, 6] as const) {
    const fill = neighbours[family];
    if (!fill || !isNear(fill)) continue;
    found.push(
      setting(
        {
          code: 'neighbours-near-full',
          sentence: `the table of IPv${family} neighbours is nearly full (${fill.used} of ${fill.most}): further ones will not be found`,
        },
        { key: `net.ipv${family}.neigh.default.gc_thresh3`, value: String(fill.most * 2) },
      ),
    );
  }
  return found;
}

const sizes = ({ networks, uplinkMtu, dataMtu }: HostState): readonly Finding[] =>
  networks.flatMap(({ name, mtu, overhead }): Finding[] => {
    const at = `network ${name}`;
    if (overhead > 0 && dataMtu > 0 && mtu + overhead > dataMtu)
      return [
        manual({
          ...{ code: 'mtu-above-tunnel', at },
          sentence: `network ${name} has an MTU of ${mtu}, and a tunnel between the hosts takes ${dataMtu - overhead}`,
          cure: `create it again, or give the link between the hosts an MTU of ${mtu + overhead}`,
        }),
      ];
    if (overhead > 0 || uplinkMtu === 0 || mtu <= uplinkMtu) return [];
    return [
      manual({
        ...{ code: 'mtu-above-uplink', at },
        sentence: `network ${name} has an MTU of ${mtu}, the host's uplink one of ${uplinkMtu}`,
        cure: `create it again with -o com.docker.network.driver.mtu=${uplinkMtu}`,
      }),
    ];
  });

const routes = ({ hidden }: HostState): readonly Finding[] =>
  hidden.map(({ network, subnet, link, destination }) =>
    manual({
      ...{ code: 'subnet-hidden', at: `network ${network}` },
      sentence: `the host routes ${destination} to ${link || 'nowhere'}, which hides ${subnet} of network ${network}`,
      cure: `ip route delete ${destination}${link ? ` dev ${link}` : ''}, or create ${network} with another --subnet`,
    }),
  );

const others = ({ engines }: HostState): readonly Finding[] =>
  engines.map(({ name, pid }) =>
    manual({
      code: 'other-engine',
      sentence: `${name} (process ${pid}) manages networks of this host as well: both change the same chains`,
      cure: `stop one of both: systemctl disable --now ${name}`,
    }),
  );

function names({ nameServers }: HostState): readonly Finding[] {
  if (nameServers.length === 0)
    return [
      manual({
        code: 'no-name-server',
        sentence: '/etc/resolv.conf names no server, so names of the internet are not found',
        cure: 'add a nameserver line to /etc/resolv.conf, or start seawayd with --dns',
      }),
    ];
  return nameServers
    .filter(({ answers }) => !answers)
    .map(({ address, from }) =>
      manual({
        code: 'name-server-silent',
        sentence: `the name server ${address} of ${from} does not answer`,
        cure: `look whether ${address} runs, or take it out of ${from}`,
      }),
    );
}

function machine({ clockBehind, disks, lacking }: HostState): readonly Finding[] {
  const found: Finding[] = [];
  if (clockBehind > 0)
    found.push(
      manual({
        code: 'clock-behind',
        sentence: `the clock is ${Math.round(clockBehind)} s behind the newest record: certificates and logs will be wrong`,
        cure: 'set the clock: timedatectl set-ntp true',
      }),
    );
  for (const { path, free, size } of disks)
    if (free < leastFree || free < size * leastShare)
      found.push(
        manual({
          code: 'disk-near-full',
          sentence: `the file system of ${path} has ${Math.floor(free / 1024 / 1024)} MB left`,
          cure: 'seaway system prune, or make room on that file system',
        }),
      );
  for (const { path, freeFiles, files } of disks)
    if (files > 0 && freeFiles < files * leastShare)
      found.push(
        manual({
          code: 'disk-near-full',
          sentence: `the file system of ${path} has room for ${freeFiles} more files (inodes) only`,
          cure: 'seaway system prune, or remove files there',
        }),
      );
  for (const { what, module, why } of lacking)
    found.push(
      manual({
        code: 'kernel-lacks',
        sentence: `the kernel lacks ${what} (${why})`,
        cure: `modprobe ${module}; where it is missing: apt install linux-modules-extra-$(uname -r), or a kernel with it`,
      }),
    );
  return found;
}
