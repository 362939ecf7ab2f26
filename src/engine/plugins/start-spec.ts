/** A managed plugin as the runtime starts it. Pure. */
import { fail } from '../../errors.ts';
import { type ContainerConfig, type ContainerState, type HostConfig, NEVER } from '../../model/container.ts';
import type { ManagedPlugin, PluginMount } from '../../model/plugin.ts';
import type { StartSpec } from '../../runtime/runtime.ts';

/** Where plugins put their socket, as they see it. */
const socketFolder = '/run/docker/plugins';
const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface PluginFolders {
  /** Its root, mounted. */
  readonly rootfs: string;
  /** Folder of its socket on the host. */
  readonly sockets: string;
  /** What is seen of the folder that it propagates. */
  readonly propagated: string;
}

type StartMount = NonNullable<StartSpec['extraMounts']>[number];

/** Throws PLUGIN_START_FAILED for a mount without a source, in Docker's words. */
export function startSpecOf(plugin: ManagedPlugin, places: PluginFolders): StartSpec {
  const { config } = plugin;
  return {
    container: {
      id: plugin.id,
      name: plugin.name,
      created: NEVER,
      image: '',
      config: configOf(plugin),
      hostConfig: hostConfigOf(plugin),
      networks: [],
      mounts: [],
      state: idle,
      restartCount: 0,
      sandboxId: '',
      anonymousVolumes: [],
    },
    image: {},
    rootfs: places.rootfs,
    netns: '',
    ownNetwork: config.Network.Type !== 'host',
    extraMounts: mountsOf(plugin, places),
    files: { hosts: '', hostname: '', resolvConf: '' },
    env: [path, ...plugin.settings.Env],
    join: { pid: 0, ipc: 0, uts: 0 },
  };
}

const idle: ContainerState = {
  status: 'created',
  ...{ pid: 0, exitCode: 0, error: '', oomKilled: false },
  ...{ startedAt: NEVER, finishedAt: NEVER, stoppedByUser: false },
};

function mountsOf({ config }: ManagedPlugin, { sockets, propagated }: PluginFolders): readonly StartMount[] {
  const bind = (source: string, destination: string, ...options: string[]): StartMount => ({
    destination,
    type: 'bind',
    source,
    options: ['rbind', ...options],
  });
  // as Docker: the files of the host, wherever the plugin says anything of a network
  const names = config.Network.Type === '' ? [] : ['/etc/hosts', '/etc/resolv.conf'];
  return [
    ...(config.PropagatedMount === '' ? [] : [bind(propagated, config.PropagatedMount, 'rw', 'rshared')]),
    ...(config.Mounts ?? []).map(mountOf),
    bind(sockets, socketFolder, 'rshared'),
    ...names.map((file) => bind(file, file, 'ro')),
  ];
}

function mountOf({ Source, Destination, Type, Options }: PluginMount): StartMount {
  if (Source === null) throw fail('PLUGIN_START_FAILED', 'mount source is not specified');
  return { destination: Destination, type: Type, source: Source, options: Options ?? [] };
}

function configOf({ config, settings }: ManagedPlugin): ContainerConfig {
  const { UID = 0, GID = 0 } = config.User;
  return {
    ...{ Hostname: '', Domainname: '', User: UID === 0 && GID === 0 ? '' : `${UID}:${GID}` },
    ...{ AttachStdin: false, AttachStdout: true, AttachStderr: true },
    ...{ Tty: false, OpenStdin: false, StdinOnce: false, Env: [] },
    Cmd: settings.Args,
    ...{ Image: '', Volumes: null, Labels: {} },
    WorkingDir: config.WorkDir,
    Entrypoint: config.Entrypoint,
  };
}

/** What the plugin may do: as in Docker, no filter of system calls, and no limits. */
function hostConfigOf({ config, settings }: ManagedPlugin): HostConfig {
  const { AllowAllDevices, Capabilities } = config.Linux;
  const devices = settings.Devices.map(({ Path }) => Path ?? '');
  return {
    ...nothingRequested,
    // kept small: the engine's log has it, too
    LogConfig: { Type: 'local', Config: { 'max-size': '1m', 'max-file': '2' } },
    CapAdd: Capabilities,
    IpcMode: config.IpcHost ? 'host' : 'private',
    PidMode: config.PidHost ? 'host' : '',
    Devices: devices.map((device) => ({
      PathOnHost: device,
      PathInContainer: device,
      CgroupPermissions: 'rwm',
    })),
    DeviceCgroupRules: AllowAllDevices ? ['a *:* rwm'] : null,
    SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
  };
}

const nothingRequested = {
  ConsoleSize: [0, 0],
  ...{ Binds: null, ContainerIDFile: '', NetworkMode: 'none', PortBindings: {}, AutoRemove: false },
  RestartPolicy: { Name: '', MaximumRetryCount: 0 },
  ...{ VolumeDriver: '', VolumesFrom: null, CapDrop: null, CgroupnsMode: '' },
  ...{ Dns: [], DnsOptions: [], DnsSearch: [], ExtraHosts: null, GroupAdd: null, Cgroup: '', Links: null },
  ...{ OomScoreAdj: 0, Privileged: false, PublishAllPorts: false, ReadonlyRootfs: false },
  ...{ UTSMode: '', UsernsMode: '', ShmSize: 0, Runtime: '', Isolation: '', CpuShares: 0, Memory: 0 },
  ...{ NanoCpus: 0, CgroupParent: '', BlkioWeight: 0, CpuPeriod: 0, CpuQuota: 0, CpuRealtimePeriod: 0 },
  ...{ CpuRealtimeRuntime: 0, CpusetCpus: '', CpusetMems: '', MemoryReservation: 0, MemorySwap: 0 },
  ...{ MemorySwappiness: null, OomKillDisable: null, PidsLimit: null, Ulimits: null },
  ...{ MaskedPaths: null, ReadonlyPaths: null },
} as const;
