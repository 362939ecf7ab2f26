/** A sandbox's place in a network. It exists while the sandbox is up; its choices are made once. */

/** A user's settings for an endpoint (`EndpointSettings` of the API). */
export interface EndpointSpec {
  /** The network as it was named: name, id or a prefix of it. */
  readonly network: string;
  readonly aliases: readonly string[];
  /** Legacy links, `container:alias`, that become names that this endpoint alone sees. */
  readonly links: readonly string[];
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly linkLocal: readonly string[];
  /** As it was written. */
  readonly mac?: string;
  readonly driverOpts: Readonly<Record<string, string>>;
  /** The endpoint with the highest priority has the default gateway; default 0. */
  readonly gwPriority: number;
}

/** A container's network, whether it runs or not: the requested settings, and the choices of its last start. */
export interface Membership extends EndpointSpec {
  /** The next start has the same again where it can; absent before the first. */
  readonly kept?: KeptChoices;
}

/** Of the last start. */
export interface KeptChoices {
  readonly mac?: string;
  readonly ifname?: string;
  /** With prefix length. Taken again on networks of a cluster, where a freed address is given last. */
  readonly addresses?: readonly string[];
  readonly lost?: LostEndpoint;
}

/** The cluster has taken the running container off the network; until its next start there. */
export interface LostEndpoint {
  readonly why: string;
  /** RFC 3339. */
  readonly since: string;
  /** The addresses that it had, with prefix length. */
  readonly address: string;
}

export interface Endpoint {
  readonly id: string;
  readonly networkId: string;
  readonly sandboxId: string;
  readonly containerId: string;
  /** Of the container, whose renames it follows, without slash; stored, as `dnsNames`. */
  readonly name: string;
  /** Name of the interface inside the sandbox: `eth0`. */
  readonly ifname: string;
  /** Name of the link's other end on the host, or '' where there is none (macvlan). */
  readonly hostLink: string;
  /** Its fanout of the network's link; absent if it is on that link itself. */
  readonly fanout?: string;
  /** Lower case, colons; '' where the driver gives none. */
  readonly mac: string;
  /** With prefix length: `172.18.0.2/16`. At most one per family, then link-local ones. */
  readonly addresses: readonly string[];
  /**
   * All names that resolve to this endpoint within its network: name, aliases, short id, hostname. Stored because
   * namespaces and added ways out have no container.
   */
  readonly dnsNames: readonly string[];
  /** The endpoint's place among the sandbox's: eth0 is 0. */
  readonly order: number;
  /** As the container had it when the endpoint was made. Stored because a namespace has no container. */
  readonly spec: EndpointSpec;
  /** Settings of its interface, read from the spec when the endpoint was made; absent: none. */
  readonly sysctls?: readonly InterfaceSysctl[];
  /** Limits of its rates, read from the spec; absent: none. */
  readonly rates?: EndpointRates;
  /** Why options of a record of an older version cannot be read. */
  readonly invalid?: string;
  /** Answers that the driver got before the endpoint was made; absent if it asks no plugin. */
  readonly answers?: EndpointAnswers;
  /** Addresses that a plugin gave: they are given back to it. Absent where the engine has chosen them. */
  readonly leases?: readonly AddressLease[];
}

/** Bits per second of what it sends, and of what it gets. */
export interface EndpointRates {
  readonly egress?: number;
  readonly ingress?: number;
}

/** `/proc/sys/net/TREE/INTERFACE/NAME`. */
export interface InterfaceSysctl {
  /** `ipv4/conf`, `ipv6/neigh`, ... */
  readonly tree: string;
  readonly name: string;
  readonly value: string;
}

/** An address of a plugin's pool. */
export interface AddressLease {
  /** As the plugin calls its pool. */
  readonly pool: string;
  /** Without prefix length, as the plugin wrote it. */
  readonly address: string;
}

/** Answers of a plugin for an endpoint. Stored because the plugin is asked for each only once. */
export interface EndpointAnswers {
  /** Name of a link on the host that is to be moved into the sandbox. */
  readonly link?: string;
  readonly mac?: string;
  /** With prefix length, where the engine has chosen none. */
  readonly addresses?: readonly string[];
  /** Name of the interface in the sandbox; '' or absent: by `ifPrefix`. */
  readonly ifname?: string;
  readonly ifPrefix?: string;
  /** Where the default routes lead; absent: not by this endpoint. */
  readonly gateway4?: string;
  readonly gateway6?: string;
  readonly routes?: readonly AnsweredRoute[];
  /** No way out is wanted, by this endpoint or by another one that the engine would add. */
  readonly noGateway?: true;
  /** Further information. */
  readonly info?: Readonly<Record<string, unknown>>;
}

export interface AnsweredRoute {
  /** CIDR. */
  readonly destination: string;
  /** '' for one by the interface alone. */
  readonly nextHop: string;
}
