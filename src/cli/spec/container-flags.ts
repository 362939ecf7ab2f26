/** The flags of `run` and `create` that describe the container. */

import { int, type Kind } from '../../flags/kinds.ts';
import { searchDomain } from '../../flags/search-domain.ts';
import { parseUlimit } from '../../flags/ulimit.ts';
import {
  bytesFlag,
  durationFlag,
  flag,
  intFlag,
  listFlag,
  mapFlag,
  parsedListFlag,
  switchFlag,
  textFlag,
} from '../flags/flag.ts';
import { parseByteRate, parseCgroupRule, parseGpus, parseOperationRate, parseWeight } from './devices.ts';
import { parseCpus, parseDns, parseExtraHost, parseLink, parseSysctl } from './hosts.ts';
import { parseMount } from './mounts.ts';
import { parseNetwork } from './networks.ts';

const cpus: Kind<number> = { label: 'decimal', isSwitch: false, parse: parseCpus, read: int.read };

/** An environment variable needs a name; its value may be the client's own, looked up later. */
export function namedVariable(text: string): string {
  if (text === '' || text.startsWith('=')) throw new Error(`invalid environment variable: ${text}`);
  return text;
}

/** `key=value`; unlike the engine's, a label without `=` is fine. */
export function labelText(text: string): string {
  if (text === '' || text.startsWith('=')) throw new Error(`invalid label '${text}': empty name`);
  return text;
}

/** Limits that `update` can change too. */
export const resourceFlags = {
  blkioWeight: intFlag(
    'blkio-weight',
    'Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)',
  ),
  cpuPeriod: intFlag('cpu-period', 'Limit CPU CFS (Completely Fair Scheduler) period'),
  cpuQuota: intFlag('cpu-quota', 'Limit CPU CFS (Completely Fair Scheduler) quota'),
  cpuRtPeriod: intFlag('cpu-rt-period', 'Limit CPU real-time period in microseconds'),
  cpuRtRuntime: intFlag('cpu-rt-runtime', 'Limit CPU real-time runtime in microseconds'),
  cpuShares: intFlag('cpu-shares', 'CPU shares (relative weight)', { short: 'c' }),
  cpus: flag('cpus', cpus, 0, 'Number of CPUs'),
  cpusetCpus: textFlag('cpuset-cpus', 'CPUs in which to allow execution (0-3, 0,1)'),
  cpusetMems: textFlag('cpuset-mems', 'MEMs in which to allow execution (0-3, 0,1)'),
  memory: bytesFlag('memory', 'Memory limit', { short: 'm' }),
  memoryReservation: bytesFlag('memory-reservation', 'Memory soft limit'),
  memorySwap: bytesFlag('memory-swap', "Swap limit equal to memory plus swap: '-1' to enable unlimited swap"),
  pidsLimit: intFlag('pids-limit', 'Tune container pids limit (set -1 for unlimited)'),
  restart: textFlag('restart', 'Restart policy to apply when a container exits (default "no")', {
    choices: ['no', 'always', 'on-failure', 'unless-stopped'],
  }),
};

const processFlags = {
  domainname: textFlag('domainname', 'Container NIS domain name'),
  entrypoint: textFlag('entrypoint', 'Overwrite the default ENTRYPOINT of the image'),
  env: parsedListFlag('env', namedVariable, 'Set environment variables', { short: 'e' }),
  envFile: listFlag('env-file', 'Read in a file of environment variables'),
  groupAdd: listFlag('group-add', 'Add additional groups to join'),
  hostname: textFlag('hostname', 'Container host name', { short: 'h' }),
  init: switchFlag('init', 'Run an init inside the container that forwards signals and reaps processes'),
  interactive: switchFlag('interactive', 'Keep STDIN open even if not attached', { short: 'i' }),
  stopSignal: textFlag('stop-signal', 'Signal to stop the container'),
  stopTimeout: intFlag('stop-timeout', 'Timeout (in seconds) to stop a container'),
  tty: switchFlag('tty', 'Allocate a pseudo-TTY', { short: 't' }),
  user: textFlag('user', 'Username or UID (format: <name|uid>[:<group|gid>])', { short: 'u' }),
  workdir: textFlag('workdir', 'Working directory inside the container', { short: 'w' }),
};

const networkFlags = {
  addHost: parsedListFlag('add-host', parseExtraHost, 'Add a custom host-to-IP mapping (host:ip)'),
  dns: parsedListFlag('dns', parseDns, 'Set custom DNS servers'),
  dnsOptions: listFlag('dns-option', 'Set DNS options', { also: ['dns-opt'] }),
  dnsSearch: parsedListFlag('dns-search', searchDomain, 'Set custom DNS search domains'),
  expose: listFlag('expose', 'Expose a port or a range of ports'),
  ip: textFlag('ip', 'IPv4 address (e.g., 172.30.100.104)'),
  ip6: textFlag('ip6', 'IPv6 address (e.g., 2001:db8::33)'),
  link: parsedListFlag('link', parseLink, 'Add link to another container'),
  linkLocalIp: listFlag('link-local-ip', 'Container IPv4/IPv6 link-local addresses'),
  macAddress: textFlag('mac-address', 'Container MAC address (e.g., 92:d0:c6:0a:29:33)'),
  network: parsedListFlag('network', parseNetwork, 'Connect a container to a network', {
    label: 'network',
    also: ['net'],
  }),
  networkAlias: listFlag('network-alias', 'Add network-scoped alias for the container', {
    also: ['net-alias'],
  }),
  publish: listFlag('publish', "Publish a container's port(s) to the host", { short: 'p' }),
  publishAll: switchFlag('publish-all', 'Publish all exposed ports to random ports', { short: 'P' }),
};

const isolationFlags = {
  capAdd: listFlag('cap-add', 'Add Linux capabilities'),
  capDrop: listFlag('cap-drop', 'Drop Linux capabilities'),
  cgroupParent: textFlag('cgroup-parent', 'Optional parent cgroup for the container'),
  cgroupns: textFlag('cgroupns', 'Cgroup namespace to use (host|private)', { choices: ['host', 'private'] }),
  ipc: textFlag('ipc', 'IPC mode to use'),
  isolation: textFlag('isolation', 'Container isolation technology'),
  pid: textFlag('pid', 'PID namespace to use'),
  privileged: switchFlag('privileged', 'Give extended privileges to this container'),
  readOnly: switchFlag('read-only', "Mount the container's root filesystem as read only"),
  runtime: textFlag('runtime', 'Runtime to use for this container'),
  securityOpt: listFlag('security-opt', 'Security Options'),
  sysctl: parsedListFlag('sysctl', parseSysctl, 'Sysctl options', { label: 'map' }),
  userns: textFlag('userns', 'User namespace to use'),
  uts: textFlag('uts', 'UTS namespace to use'),
};

const storageFlags = {
  mount: parsedListFlag('mount', parseMount, 'Attach a filesystem mount to the container', {
    label: 'mount',
  }),
  shmSize: bytesFlag('shm-size', 'Size of /dev/shm'),
  storageOpt: mapFlag('storage-opt', 'Storage driver options for the container'),
  tmpfs: listFlag('tmpfs', 'Mount a tmpfs directory'),
  volume: listFlag('volume', 'Bind mount a volume', { short: 'v' }),
  volumeDriver: textFlag('volume-driver', 'Optional volume driver for the container'),
  volumesFrom: listFlag('volumes-from', 'Mount volumes from the specified container(s)'),
};

const deviceFlags = {
  blkioWeightDevice: parsedListFlag(
    'blkio-weight-device',
    parseWeight,
    'Block IO weight (relative device weight)',
  ),
  device: listFlag('device', 'Add a host device to the container'),
  deviceCgroupRule: parsedListFlag(
    'device-cgroup-rule',
    parseCgroupRule,
    'Add a rule to the cgroup allowed devices list',
  ),
  deviceReadBps: parsedListFlag(
    'device-read-bps',
    parseByteRate,
    'Limit read rate (bytes per second) from a device',
  ),
  deviceReadIops: parsedListFlag(
    'device-read-iops',
    parseOperationRate,
    'Limit read rate (IO per second) from a device',
  ),
  deviceWriteBps: parsedListFlag(
    'device-write-bps',
    parseByteRate,
    'Limit write rate (bytes per second) to a device',
  ),
  deviceWriteIops: parsedListFlag(
    'device-write-iops',
    parseOperationRate,
    'Limit write rate (IO per second) to a device',
  ),
  gpus: parsedListFlag('gpus', parseGpus, "GPU devices to add to the container ('all' to pass all GPUs)", {
    label: 'gpu-request',
  }),
  memorySwappiness: intFlag('memory-swappiness', 'Tune container memory swappiness (0 to 100)', {
    initial: -1,
  }),
  oomKillDisable: switchFlag('oom-kill-disable', 'Disable OOM Killer'),
  oomScoreAdj: intFlag('oom-score-adj', "Tune host's OOM preferences (-1000 to 1000)"),
  ulimit: parsedListFlag('ulimit', parseUlimit, 'Ulimit options', { label: 'ulimit' }),
};

const healthFlags = {
  healthCmd: textFlag('health-cmd', 'Command to run to check health'),
  healthInterval: durationFlag('health-interval', 'Time between running the check (ms|s|m|h) (default 0s)'),
  healthRetries: intFlag('health-retries', 'Consecutive failures needed to report unhealthy'),
  healthStartInterval: durationFlag(
    'health-start-interval',
    'Time between running the check during the start period (ms|s|m|h) (default 0s)',
  ),
  healthStartPeriod: durationFlag(
    'health-start-period',
    'Start period for the container to initialize before starting health-retries countdown (ms|s|m|h) (default 0s)',
  ),
  healthTimeout: durationFlag(
    'health-timeout',
    'Maximum time to allow one check to run (ms|s|m|h) (default 0s)',
  ),
  noHealthcheck: switchFlag('no-healthcheck', 'Disable any container-specified HEALTHCHECK'),
};

const otherFlags = {
  annotation: mapFlag('annotation', 'Add an annotation to the container (passed through to the OCI runtime)'),
  attach: listFlag('attach', 'Attach to STDIN, STDOUT or STDERR', { short: 'a' }),
  cidfile: textFlag('cidfile', 'Write the container ID to the file'),
  label: parsedListFlag('label', labelText, 'Set meta data on a container', { short: 'l' }),
  labelFile: listFlag('label-file', 'Read in a line delimited file of labels'),
  logDriver: textFlag('log-driver', 'Logging driver for the container'),
  logOpt: listFlag('log-opt', 'Log driver options'),
  rm: switchFlag(
    'rm',
    'Automatically remove the container and its associated anonymous volumes when it exits',
  ),
};

export const containerFlags = {
  ...resourceFlags,
  ...processFlags,
  ...networkFlags,
  ...isolationFlags,
  ...storageFlags,
  ...deviceFlags,
  ...healthFlags,
  ...otherFlags,
};

/** Flags of `run` and `create` that are about the image and the call, not the container. */
export const creationFlags = {
  contentTrust: switchFlag('disable-content-trust', 'Skip image verification', { hidden: true }),
  name: textFlag('name', 'Assign a name to the container'),
  platform: textFlag('platform', 'Set platform if server is multi-platform capable'),
  pull: textFlag('pull', 'Pull image before running ("always", "missing", "never") (default "missing")', {
    initial: 'missing',
    choices: ['always', 'missing', 'never'],
  }),
  quiet: switchFlag('quiet', 'Suppress the pull output', { short: 'q' }),
};
