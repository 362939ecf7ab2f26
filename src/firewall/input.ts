/** The input of the firewall: plain facts about networks and ports. */
import type { GatewayMode } from '../model/forwarding.ts';
import type { PublishPolicy } from '../model/publish-policy.ts';
import type { Family } from '../net/family.ts';
import type { Transport } from './rules.ts';

export interface BridgeFamily {
  readonly subnets: readonly string[];
  readonly mode: GatewayMode;
  /** Packets that leave get an address of the host. */
  readonly masquerade: boolean;
  /** That address; '' for the address of the outgoing link. */
  readonly source: string;
}

export interface BridgeNetwork {
  /** For messages and documents. */
  readonly name: string;
  readonly link: string;
  readonly internal: boolean;
  /** Its containers may talk to each other. */
  readonly icc: boolean;
  /** The families that it has. */
  readonly families: Readonly<Partial<Record<Family, BridgeFamily>>>;
  /** Links of the host from which containers' published ports may be reached directly. */
  readonly trusted: readonly string[];
}

/** A port of an endpoint that is open to others. */
export interface OpenPort {
  /** Link of the endpoint's bridge. */
  readonly link: string;
  readonly protocol: Transport;
  /** The endpoint's address. */
  readonly address: string;
  readonly containerPort: number;
  /** Last port of a range; absent for a single port. */
  readonly containerPortEnd?: number;
}

/** A port that is reached by addresses of the host. */
export interface PublishedPort extends OpenPort {
  /** `0.0.0.0` and `::` stand for all addresses of the host. */
  readonly hostIP: string;
  readonly hostPort: number;
  /** Last port of a range as long as that of the container; absent for a single port. */
  readonly hostPortEnd?: number;
  /**
   * `host`: what arrives from outside is rewritten only once it comes back by the link `obeyLinks.back`, behind the
   * host's INPUT rules. What the host sends itself is rewritten as usual. Absent: `open`.
   */
  readonly policy?: PublishPolicy;
}

/** Packets to ports of policy `host` are sent into `into` behind the INPUT rules, and come back by `back`. */
export const obeyLinks = { into: 'swobey0', back: 'swobey1' } as const;

/** Access by a legacy link on a network with icc off: `from` may reach the port of `to`. */
export interface LinkHole {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  readonly protocol: Transport;
  readonly port: number;
}

/** A network whose bridges a plugin makes, under names that the engine does not know. */
export interface Segment {
  /** For messages and documents. */
  readonly name: string;
  readonly subnets: readonly string[];
}

/** Tunnels between the hosts of a cluster: frames that come by them are taken into networks. */
export interface Tunnels {
  /** UDP port. */
  readonly port: number;
  readonly family: Family;
  /** Addresses of the other hosts. */
  readonly from: readonly string[];
}

/** Tunnels that run by an encrypted link alone. */
export interface SecureTunnelsLink {
  readonly link: string;
  /** UDP port. */
  readonly port: number;
  readonly family: Family;
}

export interface FirewallSettings {
  /** Container addresses of `nat` networks may be reached directly (`--allow-direct-routing`). */
  readonly allowDirectRouting: boolean;
  /** Families whose forwarding the engine has switched on: the policy of FORWARD becomes DROP. */
  readonly dropForwarded: readonly Family[];
  /** `mark` or `mark/mask` of packets accepted into any network (`--bridge-accept-fwmark`); '' for none. */
  readonly acceptFwmark: string;
  /** Clamp TCP's segment size to the path MTU. */
  readonly clampMss: boolean;
  /** Fact: iptables sees bridged packets (br_netfilter). */
  readonly bridgeNetfilter: boolean;
  /** Use no raw table (`DOCKER_INSECURE_NO_IPTABLES_RAW=1`), and lose its protection. */
  readonly noRawTable: boolean;
}

export interface FirewallInput {
  /** In the order of their rules. */
  readonly bridges: readonly BridgeNetwork[];
  readonly ports: readonly PublishedPort[];
  /** Ports that are reached only by the endpoint's address, on routed networks. */
  readonly open: readonly OpenPort[];
  readonly holes: readonly LinkHole[];
  readonly segments: readonly Segment[];
  /** Absent for a host of no cluster. */
  readonly tunnels?: Tunnels;
  /** Absent without an encrypted network. */
  readonly secureTunnels?: SecureTunnelsLink;
  /** Absent where this host is in no routing mesh. */
  readonly mesh?: MeshLink;
  readonly settings: FirewallSettings;
}

/** The link between the nodes of a swarm by which connections to published ports are handed over. */
export interface MeshLink {
  readonly link: string;
  /** Link of the network by which tasks have them; '' while there is none. */
  readonly tasks: string;
}

/** Docker's defaults, with br_netfilter loaded. */
export const defaultSettings: FirewallSettings = {
  allowDirectRouting: false,
  dropForwarded: [],
  acceptFwmark: '',
  clampMss: false,
  bridgeNetfilter: true,
  noRawTable: false,
};
