/**
 * The table of the engine's settings: flag, short form, key in the configuration file, kind of value. Names and
 * keys are dockerd's (docs.docker.com/reference/cli/dockerd).
 */

import { bool, int, type Kind, list, map, string } from '../flags/kinds.ts';
import { searchDomain } from '../flags/search-domain.ts';
import { bindAddress, insecureRegistry, ipAddress, label, mirror } from './checks.ts';
import { addresses, bytes, features, networkOpts, pools, runtimes, ulimits } from './compounds.ts';

/** One setting. `flag` has no dashes; `key` may be a path: `proxies.http-proxy`. */
export interface Setting<T> {
  readonly flag: string;
  readonly short?: string;
  readonly key: string;
  readonly kind: Kind<T>;
  readonly help: string;
}

interface Where {
  readonly short?: string;
  /** Where it differs from the flag's name: lists have the plural. */
  readonly key?: string;
}

function setting<T>(flag: string, kind: Kind<T>, help: string, where: Where = {}): Setting<T> {
  return { flag, key: flag, kind, help, ...where };
}

/** By the name of the field that a setting becomes. */
export const settings = {
  hosts: setting('host', list(bindAddress), 'Socket(s) to listen on', { short: 'H', key: 'hosts' }),
  dataRoot: setting('data-root', string(), 'Root directory of persistent state'),
  execRoot: setting('exec-root', string(), 'Root directory of run time state'),
  pidfile: setting('pidfile', string(), 'Path of the PID file', { short: 'p' }),
  group: setting('group', string(), 'Group of the unix socket', { short: 'G' }),
  debug: setting('debug', bool, 'Enable debug mode', { short: 'D' }),
  logLevel: setting('log-level', string(), 'Logging level ("debug"|"info"|"warn"|"error"|"fatal")', {
    short: 'l',
  }),
  logFormat: setting('log-format', string(), 'Logging format ("text"|"json")'),
  labels: setting('label', list(label), 'Set key=value labels to the engine', { key: 'labels' }),
  tls: setting('tls', bool, 'Use TLS; implied by --tlsverify'),
  tlsVerify: setting('tlsverify', bool, 'Use TLS and verify the remote'),
  tlsCaCert: setting('tlscacert', string(), 'Trust certificates signed only by this CA'),
  tlsCert: setting('tlscert', string(), 'Path of the TLS certificate'),
  tlsKey: setting('tlskey', string(), 'Path of the TLS key'),

  bridge: setting('bridge', string(), 'Attach containers to this bridge ("none" for no default bridge)', {
    short: 'b',
  }),
  bip: setting('bip', string(), 'IPv4 address of the default bridge'),
  bip6: setting('bip6', string(), 'IPv6 address of the default bridge'),
  fixedCidr: setting('fixed-cidr', string(), 'IPv4 subnet for the default bridge network'),
  fixedCidrV6: setting('fixed-cidr-v6', string(), 'IPv6 subnet for the default bridge network'),
  defaultGateway: setting('default-gateway', string(ipAddress, 'ip'), 'Default gateway IPv4 address'),
  defaultGatewayV6: setting('default-gateway-v6', string(ipAddress, 'ip'), 'Default gateway IPv6 address'),
  icc: setting('icc', bool, 'Enable inter-container communication on the default bridge (default true)'),
  ipMasq: setting('ip-masq', bool, 'Enable IP masquerading (default true)'),
  mtu: setting('mtu', int, 'MTU of the containers (default: of the uplink)'),
  ip: setting('ip', string(ipAddress, 'ip'), 'Host address for published ports'),
  ipv6: setting('ipv6', bool, 'Enable IPv6 on the default bridge'),
  acceptFwmark: setting('bridge-accept-fwmark', string(), 'Accept packets with this firewall mark/mask'),

  iptables: setting('iptables', bool, 'Program IPv4 firewall rules (default true)'),
  ip6tables: setting('ip6tables', bool, 'Program IPv6 firewall rules (default true)'),
  ipForward: setting('ip-forward', bool, 'Enable IP forwarding (default true)'),
  ipForwardNoDrop: setting('ip-forward-no-drop', bool, 'Do not set the FORWARD policy to DROP'),
  userlandProxy: setting('userland-proxy', bool, 'Use userland proxy for loopback traffic (default true)'),
  firewallBackend: setting('firewall-backend', string(), 'Firewall backend ("iptables"|"nftables")'),
  publishPolicy: setting(
    'publish-policy',
    string(),
    'Whether published ports obey the host\'s firewall ("open"|"host")',
  ),
  allowDirectRouting: setting(
    'allow-direct-routing',
    bool,
    'Allow remote access to ports on container addresses',
  ),
  defaultAddressPools: setting('default-address-pool', pools, 'Address pools of new networks', {
    key: 'default-address-pools',
  }),
  defaultNetworkOpts: setting('default-network-opt', networkOpts, 'Default options of new networks', {
    key: 'default-network-opts',
  }),
  dns: setting('dns', list(ipAddress), 'DNS server to use'),
  dnsSearch: setting('dns-search', list(searchDomain), 'DNS search domains to use'),
  dnsOptions: setting('dns-opt', list(), 'DNS options to use', { key: 'dns-opts' }),
  hostGatewayIPs: setting('host-gateway-ip', addresses, "What 'host-gateway' in --add-host stands for", {
    key: 'host-gateway-ips',
  }),
  // not in dockerd
  hostNames: setting('host-names', bool, 'Resolve host.docker.internal in every container (default true)'),

  // not in dockerd, whose folders are fixed, and whose calls have no limit or one of minutes
  pluginFolders: setting('plugin-folder', list(), 'Folders in which plugins are found', {
    key: 'plugin-folders',
  }),
  pluginTimeout: setting('plugin-timeout', int, 'Seconds that a call of a plugin may take (default 10)'),

  liveRestore: setting('live-restore', bool, 'Keep containers running while the engine is away'),
  defaultRuntime: setting('default-runtime', string(), 'Default OCI runtime (default "runc")'),
  runtimes: setting('add-runtime', runtimes, 'Register an OCI runtime', { key: 'runtimes' }),
  defaultUlimits: setting('default-ulimit', ulimits, 'Default ulimits of containers', {
    key: 'default-ulimits',
  }),
  defaultShmSize: setting('default-shm-size', bytes, 'Default size of /dev/shm (default 64MiB)'),
  defaultIpcMode: setting('default-ipc-mode', string(), 'Default IPC mode ("shareable"|"private")'),
  defaultCgroupnsMode: setting(
    'default-cgroupns-mode',
    string(),
    'Default cgroup namespace mode ("host"|"private")',
  ),
  cgroupParent: setting('cgroup-parent', string(), 'Parent cgroup of all containers'),
  execOpts: setting('exec-opt', list(), 'Runtime execution options', { key: 'exec-opts' }),
  init: setting('init', bool, 'Run an init in containers'),
  initPath: setting('init-path', string(), 'Path of the init binary'),
  logDriver: setting('log-driver', string(), 'Default log driver (default "json-file")'),
  logOpts: setting('log-opt', map, 'Default log driver options', { key: 'log-opts' }),
  seccompProfile: setting(
    'seccomp-profile',
    string(),
    'Path of the seccomp profile, "builtin" or "unconfined"',
  ),
  apparmorProfile: setting('apparmor-profile', string(), 'AppArmor profile of containers that name none'),
  noNewPrivileges: setting('no-new-privileges', bool, 'Set no-new-privileges by default'),
  shutdownTimeout: setting('shutdown-timeout', int, 'Seconds that containers have to stop (default 15)'),

  insecureRegistries: setting(
    'insecure-registry',
    list(insecureRegistry),
    'Registries without TLS verification',
    { key: 'insecure-registries' },
  ),
  registryMirrors: setting('registry-mirror', list(mirror), 'Preferred registry mirror', {
    key: 'registry-mirrors',
  }),
  httpProxy: setting('http-proxy', string(), 'HTTP proxy for outgoing traffic', {
    key: 'proxies.http-proxy',
  }),
  httpsProxy: setting('https-proxy', string(), 'HTTPS proxy for outgoing traffic', {
    key: 'proxies.https-proxy',
  }),
  noProxy: setting('no-proxy', string(), 'Hosts for which the proxy is skipped', { key: 'proxies.no-proxy' }),
  maxConcurrentDownloads: setting(
    'max-concurrent-downloads',
    int,
    'Concurrent downloads of a pull (default 3)',
  ),
  maxDownloadAttempts: setting('max-download-attempts', int, 'Download attempts of a pull (default 5)'),

  clusterStore: setting('cluster-store', string(), 'URL of the store by which hosts share networks'),
  clusterAdvertise: setting('cluster-advertise', string(), 'Address or interface name to advertise'),
  clusterStoreOpts: setting('cluster-store-opt', map, 'Set cluster store options', {
    key: 'cluster-store-opts',
  }),

  advertiseAddress: setting(
    'swarm-default-advertise-addr',
    string(),
    'Default address or interface to advertise',
  ),
  nodeGenericResources: setting('node-generic-resource', list(), 'Advertise a resource', {
    key: 'node-generic-resources',
  }),
  metricsAddress: setting('metrics-addr', string(), 'Address and port of the metrics'),
  experimental: setting('experimental', bool, 'Enable experimental features'),
  features: setting('feature', features, 'Enable a feature', { key: 'features' }),
} as const;

export type SettingName = keyof typeof settings;

type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** Given values, by the names of `settings`; absent where not given. */
export type Given = { readonly [N in SettingName]?: ValueOf<(typeof settings)[N]> };

/** Settings of dockerd that have no effect here: accepted, and named in `DaemonConfig.ignored`. */
export const idleSettings: readonly Setting<unknown>[] = [
  setting('allow-nondistributable-artifacts', list(), ''),
  setting('api-cors-header', string(), ''),
  setting('cdi-spec-dir', list(), '', { key: 'cdi-spec-dirs' }),
  setting('containerd', string(), ''),
  setting('containerd-namespace', string(), ''),
  setting('containerd-plugins-namespace', string(), '', { key: 'containerd-plugin-namespace' }),
  setting('cpu-rt-period', int, ''),
  setting('cpu-rt-runtime', int, ''),
  setting('cri-containerd', bool, ''),
  setting('max-concurrent-uploads', int, ''),
  setting('min-api-version', string(), ''),
  setting('network-control-plane-mtu', int, ''),
  setting('nri-opts', map, ''),
  setting('oom-score-adjust', int, ''),
  setting('raw-logs', bool, ''),
  setting('storage-driver', string(), '', { short: 's' }),
  setting('storage-opt', list(), '', { key: 'storage-opts' }),
  setting('userland-proxy-path', string(), ''),
];

/** Security settings of dockerd that are missing here: refused unless empty or off. */
export const refusedSettings: readonly Setting<unknown>[] = [
  setting('authorization-plugin', list(), '', { key: 'authorization-plugins' }),
  setting('rootless', bool, ''),
  setting('selinux-enabled', bool, ''),
  setting('userns-remap', string(), ''),
];

/** Keys of the configuration file that have no flag and no effect here. */
export const idleKeys: readonly string[] = ['builder', 'deprecated-key-path'];
