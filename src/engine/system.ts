/** What `docker info` and `docker version` say of the host and of the engine. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus, hostname, release, totalmem } from 'node:os';
import type { DaemonConfig } from '../config/config.ts';
import { withoutPassword } from '../config/without-password.ts';
import { hasAppArmor } from '../runtime/apparmor.ts';
import { version } from '../version.ts';
import { type Comparing, compareAll } from './compare.ts';
import type { Core } from './core.ts';
import { type Curing, examine } from './doctor/doctor.ts';
import { explain } from './explain/explain.ts';
import type { Explaining } from './explain/explaining.ts';
import { osRelease } from './host-file.ts';
import type { SystemInfo, SystemVerbs } from './system-verbs.ts';
import { takenOff } from './taken-off.ts';

export type Informing = Comparing &
  Curing &
  Explaining &
  Pick<Core, 'events' | 'identity' | 'managed' | 'overlooked' | 'plugins' | 'runtime' | 'sharing'>;

/** Machine names as uname and Docker write them. */
const machine = { x64: 'x86_64', arm64: 'aarch64' } as Readonly<Record<string, string>>;
const goArch = { x64: 'amd64', arm64: 'arm64' } as Readonly<Record<string, string>>;

export function systemVerbs(core: Informing): SystemVerbs {
  return {
    compare: () => compareAll(core),
    explain: (asking) => explain(core, asking),
    examine: (options) => examine(core, options),
    async info() {
      const { runc } = await core.runtime.versions();
      return { version, runc, ...hostFacts(core), ...settings(core.config), ...engineFacts(core) };
    },
    async version() {
      const { runc, conmon } = await core.runtime.versions();
      return {
        version,
        runc,
        conmon,
        kernel: release(),
        arch: goArch[process.arch] ?? process.arch,
        buildTime: '',
        gitCommit: '',
      };
    },
  };
}

const hostFacts = (core: Pick<Core, 'kernel' | 'runtime'>) => ({
  name: hostname(),
  architecture: machine[process.arch] ?? process.arch,
  kernel: release(),
  operatingSystem: osRelease('PRETTY_NAME') || 'Linux',
  osVersion: osRelease('VERSION_ID'),
  processors: cpus().length,
  memoryBytes: totalmem(),
  cgroupVersion: cgroupVersion(),
  ipv4Forwarding: core.kernel.host.readSysctl('net.ipv4.ip_forward') === '1',
  limits: core.runtime.support,
});

const settings = (config: DaemonConfig) => ({
  dataRoot: config.dataRoot,
  debug: config.debug,
  experimental: config.experimental,
  labels: config.labels,
  logDriver: config.logDriver,
  addressPools: config.defaultAddressPools,
  proxies: proxies(config),
  registries: { insecure: config.insecureRegistries, mirrors: config.registryMirrors },
  security: security(config),
  openAddresses: config.hosts.flatMap((host) =>
    host.startsWith('tcp://') ? [host.slice('tcp://'.length)] : [],
  ),
});

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

const engineFacts = ({
  config,
  sharing,
  identity,
  managed,
  model,
  reconciler,
  events,
  plugins,
  retries,
  overlooked,
}: Informing) => ({
  id: identity,
  firewallBackend: reconciler.firewallBackend,
  cluster: {
    store: config.cluster.store,
    advertise: sharing.cluster?.node.advertise ?? config.cluster.advertise,
  },
  plugins: {
    volume: sorted(['local', ...managed.named('volumedriver'), ...plugins.used('VolumeDriver')]),
    network: sorted([
      ...model.drivers.names,
      ...managed.named('networkdriver'),
      ...plugins.used('NetworkDriver'),
    ]),
    authorization: [],
    log: ['json-file', 'local', 'none'],
  },
  eventListeners: events.listeners(),
  openFiles: readdirSync('/proc/self/fd').length,
  activities: process.getActiveResourcesInfo().length,
  degraded: [...retries.list(), ...takenOff(model)],
  unhandled: { count: overlooked.count, last: overlooked.last },
});

/** Of the settings, else of the environment. */
function proxies({ proxies: { httpProxy, httpsProxy, noProxy } }: DaemonConfig): SystemInfo['proxies'] {
  const ofEnvironment = (name: string): string => process.env[name] || process.env[name.toLowerCase()] || '';
  return {
    http: withoutPassword(httpProxy || ofEnvironment('HTTP_PROXY')),
    https: withoutPassword(httpsProxy || ofEnvironment('HTTPS_PROXY')),
    none: noProxy || ofEnvironment('NO_PROXY'),
  };
}

/** What containers are held in. */
const security = (config: DaemonConfig): SystemInfo['security'] => ({
  appArmor: hasAppArmor(),
  seccomp: hasSeccomp() ? config.seccompProfile || 'builtin' : undefined,
  privateCgroups:
    (config.defaultCgroupnsMode || (cgroupVersion() === '2' ? 'private' : 'host')) === 'private',
  noNewPrivileges: config.noNewPrivileges,
});

const cgroupVersion = (): '1' | '2' => (existsSync('/sys/fs/cgroup/cgroup.controllers') ? '2' : '1');

/** Whether this kernel filters system calls (proc(5), /proc/self/status). */
const hasSeccomp = (): boolean => /^Seccomp:/m.test(readFileSync('/proc/self/status', 'utf8'));
