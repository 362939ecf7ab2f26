/** The contract's part for the page: the network as one picture, its traffic, and the rules of one part of it. */
import type { PortSpec } from '../model/port-specs.ts';
import type { PortMapping } from '../model/sandbox.ts';
import type { DnsCounts } from '../resolver/tally.ts';
import type { InterfaceCounters } from './interface-counters.ts';

export interface MapHost {
  readonly name: string;
  /** Links that the engine did not make, without the loopback. */
  readonly links: readonly { readonly name: string; readonly addresses: readonly string[] }[];
}

export interface MapNetwork {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly scope: string;
  readonly internal: boolean;
  readonly predefined: boolean;
  readonly ingress: boolean;
  readonly encrypted: boolean;
  /** On the host, or ''. */
  readonly link: string;
  readonly pools: readonly { readonly subnet: string; readonly gateway: string }[];
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface MapContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly status: string;
  /** '' without a health check. */
  readonly health: string;
  readonly startedAt: string;
  readonly exitCode: number;
  /** `--network` of its start: `host`, `none`, `container:ID`, or a network. */
  readonly mode: string;
  /** Id of the container whose namespace it has joined, or ''. */
  readonly joined: string;
  /** Ids of its networks, whether it runs or not. */
  readonly networks: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly specs: readonly PortSpec[];
  readonly ports: readonly PortMapping[];
  /** It holds a namespace. */
  readonly isUp: boolean;
}

/** A place on a network. */
export interface MapEndpoint {
  readonly id: string;
  readonly networkId: string;
  /** `peer`: of another host. */
  readonly kind: 'container' | 'namespace' | 'peer';
  readonly containerId: string;
  readonly nodeId: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly mac: string;
  readonly ifname: string;
  readonly hostLink: string;
  readonly names: readonly string[];
}

export interface MapNode {
  readonly id: string;
  readonly name: string;
  readonly status: 'here' | 'ready' | 'lost';
  readonly addresses: readonly string[];
}

/** A service of a swarm on one network. */
export interface MapService {
  readonly id: string;
  readonly networkId: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly tasks: number;
  /** Of its tasks, those that get new flows. */
  readonly open: number;
}

/** What does not hold at the moment, and why. */
export interface MapTrouble {
  readonly kind: 'network' | 'container' | 'node' | 'host';
  /** Of that; '' for the host. */
  readonly id: string;
  /** `network app`, `container web`. */
  readonly at: string;
  readonly why: string;
  /** RFC 3339, or ''. */
  readonly since: string;
  readonly next: string;
}

export interface NetworkMap {
  readonly host: MapHost;
  readonly networks: readonly MapNetwork[];
  readonly containers: readonly MapContainer[];
  readonly endpoints: readonly MapEndpoint[];
  readonly nodes: readonly MapNode[];
  readonly services: readonly MapService[];
  readonly troubles: readonly MapTrouble[];
}

export interface MapTraffic {
  /** Milliseconds of a clock that never goes back: rates are made of two readings. */
  readonly at: number;
  /** By endpoint, as its container sees it: `rx` is what it receives. */
  readonly endpoints: ReadonlyMap<string, InterfaceCounters>;
  /** By network, of its link on the host, as the host sees it. */
  readonly networks: ReadonlyMap<string, InterfaceCounters>;
  /** Other links of the host by name. */
  readonly links: ReadonlyMap<string, InterfaceCounters>;
  /** Undefined where the resolver does not run or does not answer. */
  readonly dns: DnsCounts | undefined;
}

/** A rule of the firewall, or the elements of a set, with its reason. */
export interface MapRule {
  /** `ip filter`, `ip6 nat`. */
  readonly table: string;
  readonly chain: string;
  readonly text: string;
  readonly why: string;
}

export interface MapVerbs {
  picture(): NetworkMap;
  /** Calls the listener after changes of the picture, several as one, until the returned function is called. */
  follow(listener: () => void): () => void;
  /** Reads the counters of the kernel. */
  traffic(): Promise<MapTraffic>;
  /** Rules that name a network or container, of `kind` and id. Throws NETWORK_NOT_FOUND, CONTAINER_NOT_FOUND. */
  rules(kind: 'network' | 'container', ref: string): readonly MapRule[];
}
