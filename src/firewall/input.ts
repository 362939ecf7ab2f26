/** What the firewall is planned from: plain facts about networks and ports, nothing of their records. */
import type { GatewayMode } from '../model/forwarding.ts';
import type { Family } from '../net/family.ts';
import type { Transport } from './rules.ts';

export interface BridgeFamily {
  readonly subnets: readonly string[];
  readonly mode: GatewayMode;
  /** What leaves gets an address of the host. */
  readonly masquerade: boolean;
  /** The host's address that it gets; '' for that of the outgoing link. */
  readonly source: string;
}

export interface BridgeNetwork {
  /** For people. */
  readonly name: string;
  readonly link: string;
  readonly internal: boolean;
  /** Its containers may talk to each other. */
  readonly icc: boolean;
  /** The families that it has. */
  readonly families: Readonly<Partial<Record<Family, BridgeFamily>>>;
  /** Links of the host whose packets may go straight to published ports. */
  readonly trusted: readonly string[];
}

/** A port of an endpoint that others may reach. */
export interface OpenPort {
  /** Link of the endpoint's bridge. */
  readonly link: string;
  readonly protocol: Transport;
  /** The endpoint's address. */
  readonly address: string;
  readonly containerPort: number;
}

/** One that is reached by the host's addresses. */
export interface PublishedPort extends OpenPort {
  /** `0.0.0.0` and `::` stand for all addresses of the host. */
  readonly hostIP: string;
  readonly hostPort: number;
}

/** A legacy link on a network whose containers are kept apart: who may reach which port of whom. */
export interface LinkHole {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  readonly protocol: Transport;
  readonly port: number;
}

/** A network whose bridges are made by a separate program: the engine does not know their names. */
export interface Segment {
  /** For people. */
  readonly name: string;
  readonly subnets: readonly string[];
}

export interface FirewallSettings {
  /** Container addresses of `nat` networks may be reached directly (`--allow-direct-routing`). */
  readonly allowDirectRouting: boolean;
  /** Families whose forwarding the engine itself has switched on: the policy becomes DROP. */
  readonly dropForwarded: readonly Family[];
  /** `mark` or `mark/mask` of packets that pass into any network (`--bridge-accept-fwmark`); '' for none. */
  readonly acceptFwmark: string;
  /** Cut TCP's segment size to the path's MTU. */
  readonly clampMss: boolean;
  /** A fact: bridged packets are seen by iptables (br_netfilter). */
  readonly bridgeNetfilter: boolean;
  /** The raw table is left alone (`DOCKER_INSECURE_NO_IPTABLES_RAW=1`): what it keeps out gets in. */
  readonly noRawTable: boolean;
}

export interface FirewallInput {
  /** In the order in which their rules are to stand. */
  readonly bridges: readonly BridgeNetwork[];
  readonly ports: readonly PublishedPort[];
  /** Ports that are reached by the endpoint's address alone, on routed networks. */
  readonly open: readonly OpenPort[];
  readonly holes: readonly LinkHole[];
  readonly segments: readonly Segment[];
  readonly settings: FirewallSettings;
}

/** Docker's defaults, with br_netfilter there. */
export const defaultSettings: FirewallSettings = {
  allowDirectRouting: false,
  dropForwarded: [],
  acceptFwmark: '',
  clampMss: false,
  bridgeNetfilter: true,
  noRawTable: false,
};
