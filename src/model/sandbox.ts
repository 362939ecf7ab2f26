/** A network namespace with its endpoints, ports and settings. */

export type Protocol = 'tcp' | 'udp' | 'sctp';

/** One published port, all choices made. */
export interface PortMapping {
  readonly protocol: Protocol;
  /** Its address on the host: `0.0.0.0`, `::`, or one of the host's. */
  readonly hostIP: string;
  /** 0 where the port is open at the endpoint's own address, and nothing is bound (routed networks). */
  readonly hostPort: number;
  readonly containerPort: number;
  /**
   * Where it leads: an address of `endpointId`, of the same family as `hostIP` unless it is passed on (`relays.ts`). Stored
   * because its flows are ended by address once the endpoint is gone.
   */
  readonly address: string;
  /** The endpoint that carries it. Stored because the firewall finds the link of the port by it. */
  readonly endpointId: string;
  /**
   * With `protocol` and `containerPort` the spec that it answers: the host's address and port (or range) as they were
   * asked, '' for any. A port is kept, added or dropped by its spec.
   */
  readonly asked: { readonly hostIP: string; readonly hostPort: string };
  /** Absent: open. */
  readonly policy?: 'host';
}

/** A port that the host chose, and that is to have the same number once it can be published again. */
export type WaitingPort = Pick<PortMapping, 'protocol' | 'hostPort' | 'containerPort' | 'asked'>;

export interface ExtraHost {
  readonly address: string;
  readonly names: readonly string[];
}

/** Resolved DNS settings, for the embedded resolver and resolv.conf. */
export interface DnsSettings {
  /** Servers of `--dns`; empty for the host's servers. */
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

export interface Sandbox {
  readonly id: string;
  /**
   * The container that it is the own one of; '' while it is parked, and for an external namespace. Not derived:
   * containers that joined it name it in `sandboxId` as well.
   */
  readonly containerId: string;
  /** `own`: made by the engine; `host`: the host's own; `none` has an own one without endpoints. */
  readonly kind: 'own' | 'host' | 'external';
  /** Path of the bind-mounted namespace; '' for the host's. */
  readonly path: string;
  /** Of an external one: device and inode of its file when it was connected. */
  readonly namespace?: string;
  /** These and the sysctls are its container's when it was opened: they hold while it is parked, too. */
  readonly hostname: string;
  readonly domainname: string;
  readonly extraHosts: readonly ExtraHost[];
  readonly dns: DnsSettings;
  readonly ports: readonly PortMapping[];
  /** Numbers of ports on links of the host that have no address now; absent for none. */
  readonly waitingPorts?: readonly WaitingPort[];
  /** Endpoint that has the default route, by family; '' for none. Stored because its driver was told of it. */
  readonly gateway4: string;
  readonly gateway6: string;
  /**
   * True once a user-defined network is among its endpoints: the embedded resolver serves it from then on, also
   * when that network is left, since programs keep the resolver's address.
   */
  readonly resolver: boolean;
  /** `net.*` sysctls of the container, set in the namespace. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Its owner has ended while others are in it: id and name under which it waits for the owner's next start. */
  readonly parked?: { readonly containerId: string; readonly name: string };
}
