/** The engine's settings, after flags and `daemon.json` are merged, validated and given their defaults. */

/** A pool that networks without a subnet of their own are cut from (`--default-address-pool`). */
export interface AddressPool {
  /** CIDR, host bits zero. */
  readonly base: string;
  /** Prefix length of each subnet that is cut from `base`. */
  readonly size: number;
}

/** Settings of the default bridge network. Empty strings mean: not asked. */
export interface BridgeConfig {
  /** Name of a bridge that exists already, `none` for no default bridge network, '' for our own. */
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
  /** 0: from the uplink. */
  readonly mtu: number;
  /** Address that published ports are bound to where none is named; '' means all, `0.0.0.0` and `::`. */
  readonly ip: string;
  /** The default bridge has IPv6. */
  readonly ipv6: boolean;
  /** `mark` or `mark/mask`: packets with it pass between networks; '' for none. */
  readonly acceptFwmark: string;
}

export interface TlsConfig {
  /** TCP sockets speak TLS. */
  readonly enabled: boolean;
  /** Clients need a certificate that `caCert` has signed; implies `enabled`. */
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

/** A default ulimit. -1 is unlimited. */
export interface UlimitConfig {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
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

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export type FirewallBackendChoice = '' | 'iptables' | 'nftables';

/** All settings of one engine. */
export interface DaemonConfig {
  /** The sockets to listen on: `unix:///path`, `tcp://host:port`, `fd://`. At least one. */
  readonly hosts: readonly string[];
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly pidfile: string;
  /** The file that was read, or the one that would have been. */
  readonly configFile: string;
  /** Group of the unix socket, by name or number; '' for none. */
  readonly group: string;
  readonly debug: boolean;
  readonly logLevel: LogLevel;
  readonly logFormat: 'text' | 'json';
  /** Of the engine, `key=value` as they were given. */
  readonly labels: readonly string[];
  readonly tls: TlsConfig;

  readonly bridge: BridgeConfig;
  readonly iptables: boolean;
  readonly ip6tables: boolean;
  readonly ipForward: boolean;
  /** Leave the FORWARD chain's policy alone when switching forwarding on. */
  readonly ipForwardNoDrop: boolean;
  readonly userlandProxy: boolean;
  /** '' for automatic. */
  readonly firewallBackend: FirewallBackendChoice;
  readonly allowDirectRouting: boolean;
  /** In the order in which they are used; never empty. */
  readonly defaultAddressPools: readonly AddressPool[];
  /** Driver -> option -> value, for networks that are made without the option. */
  readonly defaultNetworkOpts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  /** What `host-gateway` stands for, at most one of each family; empty: the default bridge's gateways. */
  readonly hostGatewayIPs: readonly string[];

  /** `host.docker.internal` and `gateway.docker.internal` resolve in every container. */
  readonly hostNames: boolean;

  /** Absolute paths, in the order in which they are looked through; never empty. */
  readonly pluginFolders: readonly string[];
  /** Seconds. */
  readonly pluginTimeout: number;

  readonly liveRestore: boolean;
  readonly defaultRuntime: string;
  readonly runtimes: Readonly<Record<string, RuntimeConfig>>;
  readonly defaultUlimits: readonly UlimitConfig[];
  /** Bytes. */
  readonly defaultShmSize: number;
  readonly defaultIpcMode: 'private' | 'shareable';
  /** '' for Docker's rule: `private` on cgroups v2, else `host`. */
  readonly defaultCgroupnsMode: '' | 'host' | 'private';
  readonly cgroupParent: string;
  readonly execOpts: readonly string[];
  /** Run an init in every container that does not say otherwise. */
  readonly init: boolean;
  readonly initPath: string;
  readonly logDriver: string;
  readonly logOpts: Readonly<Record<string, string>>;
  /** Path of a profile, `builtin`, `unconfined`, or '' for the built-in one. */
  readonly seccompProfile: string;
  /** Name of a profile that is loaded, `unconfined`, or '' for none. */
  readonly apparmorProfile: string;
  readonly noNewPrivileges: boolean;
  /** Seconds that running containers are given when the engine ends. */
  readonly shutdownTimeout: number;

  readonly insecureRegistries: readonly string[];
  readonly registryMirrors: readonly string[];
  readonly proxies: ProxyConfig;
  readonly maxConcurrentDownloads: number;
  readonly maxDownloadAttempts: number;

  readonly swarm: SwarmConfig;
  readonly metricsAddress: string;
  readonly experimental: boolean;
  readonly features: Readonly<Record<string, boolean>>;
  /** Flags and keys that were given, are known, and have no use here: to be logged once. */
  readonly ignored: readonly string[];
}
