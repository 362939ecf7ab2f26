/** The engine's settings after merging flags and `daemon.json`, with defaults filled in. */

import type { Ulimit } from '../flags/ulimit.ts';
import type { PublishPolicy } from '../model/publish-policy.ts';

/** A pool for the subnets of networks that name none (`--default-address-pool`). */
export interface AddressPool {
  /** CIDR, host bits zero. */
  readonly base: string;
  /** Prefix length of each subnet that is cut from `base`. */
  readonly size: number;
}

/** Settings of the default bridge network; '' where not given. */
export interface BridgeConfig {
  /** Name of an existing bridge, `none` for no default bridge network, '' for the engine's own bridge. */
  readonly name: string;
  /** Address with prefix length, `10.1.1.1/24`: address of the bridge and subnet of the network. */
  readonly bip: string;
  readonly bip6: string;
  readonly fixedCidr: string;
  readonly fixedCidrV6: string;
  readonly defaultGateway: string;
  readonly defaultGatewayV6: string;
  /** Containers on the default bridge may talk to each other. */
  readonly icc: boolean;
  readonly ipMasq: boolean;
  /** 0 for the uplink's. */
  readonly mtu: number;
  /** Default address for published ports; '' means all, `0.0.0.0` and `::`. */
  readonly ip: string;
  /** The default bridge has IPv6. */
  readonly ipv6: boolean;
  /** `mark` or `mark/mask` of packets that are accepted into any network; '' for none. */
  readonly acceptFwmark: string;
}

export interface TlsConfig {
  /** TCP sockets speak TLS. */
  readonly enabled: boolean;
  /** Clients need a certificate signed by `caCert`; implies `enabled`. */
  readonly verify: boolean;
  /** Paths of PEM files. */
  readonly caCert: string;
  readonly cert: string;
  readonly key: string;
}

/** An OCI runtime, by name in `DaemonConfig.runtimes`. */
export interface RuntimeConfig {
  readonly path: string;
  readonly args: readonly string[];
}

export interface ProxyConfig {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

export interface SwarmConfig {
  readonly advertiseAddress: string;
  readonly nodeGenericResources: readonly string[];
}

/** The key-value store by which hosts share networks. */
export interface ClusterConfig {
  /** `etcd://host:port,host:port/prefix`, `consul://...`, `zk://...`; '' for none. */
  readonly store: string;
  /** Where the other hosts reach this one: `address:port` or `link:port`; '' for none. */
  readonly advertise: string;
  readonly options: Readonly<Record<string, string>>;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export type FirewallBackendChoice = '' | 'iptables' | 'nftables';

/** All settings of one engine. */
export interface DaemonConfig {
  /** The sockets to listen on: `unix:///path`, `tcp://host:port`, `fd://`. At least one. */
  readonly hosts: readonly string[];
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly pidfile: string;
  /** Path of the configuration file, which may not exist. */
  readonly configFile: string;
  /** Group of the unix socket, by name or number; '' for none. */
  readonly group: string;
  readonly debug: boolean;
  readonly logLevel: LogLevel;
  readonly logFormat: 'text' | 'json';
  /** Labels of the engine, `key=value` as given. */
  readonly labels: readonly string[];
  readonly tls: TlsConfig;

  readonly bridge: BridgeConfig;
  readonly iptables: boolean;
  readonly ip6tables: boolean;
  readonly ipForward: boolean;
  /** Do not set the policy of FORWARD to DROP when enabling forwarding. */
  readonly ipForwardNoDrop: boolean;
  readonly userlandProxy: boolean;
  /** '' for the default. */
  readonly firewallBackend: FirewallBackendChoice;
  /** Of ports for which nothing else is asked. */
  readonly publishPolicy: PublishPolicy;
  readonly allowDirectRouting: boolean;
  /** In order of preference; never empty. */
  readonly defaultAddressPools: readonly AddressPool[];
  /** Driver -> option -> value, for networks created without the option. */
  readonly defaultNetworkOpts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  /** Addresses of `host-gateway`, at most one of each family; empty for the default bridge's gateways. */
  readonly hostGatewayIPs: readonly string[];

  /** `host.docker.internal` and `gateway.docker.internal` resolve in every container. */
  readonly hostNames: boolean;

  /** Absolute paths in search order; never empty. */
  readonly pluginFolders: readonly string[];
  /** Seconds. */
  readonly pluginTimeout: number;

  readonly liveRestore: boolean;
  readonly defaultRuntime: string;
  readonly runtimes: Readonly<Record<string, RuntimeConfig>>;
  readonly defaultUlimits: readonly Ulimit[];
  /** Bytes. */
  readonly defaultShmSize: number;
  readonly defaultIpcMode: 'private' | 'shareable';
  /** '' for Docker's default: `private` on cgroups v2, else `host`. */
  readonly defaultCgroupnsMode: '' | 'host' | 'private';
  readonly cgroupParent: string;
  readonly execOpts: readonly string[];
  /** Default of `--init` for containers. */
  readonly init: boolean;
  readonly initPath: string;
  readonly logDriver: string;
  readonly logOpts: Readonly<Record<string, string>>;
  /** Path of a profile, `builtin`, `unconfined`, or '' for the built-in one. */
  readonly seccompProfile: string;
  /** Name of a loaded profile, `unconfined`, or '' for none. */
  readonly apparmorProfile: string;
  readonly noNewPrivileges: boolean;
  /** Seconds that running containers get to stop when the engine ends. */
  readonly shutdownTimeout: number;

  readonly insecureRegistries: readonly string[];
  readonly registryMirrors: readonly string[];
  readonly proxies: ProxyConfig;
  readonly maxConcurrentDownloads: number;
  readonly maxDownloadAttempts: number;

  readonly cluster: ClusterConfig;
  readonly swarm: SwarmConfig;
  readonly metricsAddress: string;
  readonly experimental: boolean;
  readonly features: Readonly<Record<string, boolean>>;
  /** Given flags and keys that are known and have no effect here; logged once. */
  readonly ignored: readonly string[];
}
