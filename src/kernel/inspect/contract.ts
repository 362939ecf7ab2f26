/**
 * The contract of looking into a namespace, for `seaway explain`: what the kernel would do with a packet, and what it does
 * with one that is sent to find out.
 */

/** Names of the tables of traces begin so; nobody heeds their events. */
export const tracePrefix = 'seaway-trace-';

/** The kernel's answer to a question for a route. */
export interface RouteAnswer {
  /** errno's name where there is no route, else ''. */
  readonly refused: string;
  /** Name of the link; '' for none. */
  readonly link: string;
  /** '' for a destination on the link. */
  readonly gateway: string;
  /** Preferred source address. */
  readonly source: string;
  /** The destination is an address of the namespace itself. */
  readonly isLocal: boolean;
}

export interface RouteQuestion {
  readonly to: string;
  /** With `arrivingBy`, asks for a packet from there that arrives by that link. */
  readonly from?: string;
  /** Name of a link. EXDEV, or EINVAL on Linux 6.13 and later: the source is refused; EHOSTUNREACH: nothing is forwarded. */
  readonly arrivingBy?: string;
}

/** An entry of the neighbour table. */
export interface KnownNeighbour {
  readonly address: string;
  /** '' while it is not known. */
  readonly mac: string;
  /** Nobody has answered. */
  readonly failed: boolean;
}

/** A socket that waits for connections (TCP) or datagrams (UDP). */
export interface ListeningSocket {
  readonly protocol: 'tcp' | 'udp';
  /** `0.0.0.0` and `::` for any. */
  readonly address: string;
  readonly port: number;
  /** TCP: connections that the program has not accepted yet. */
  readonly waiting: number;
  readonly inode: number;
}

/** How a trace recognises a packet, in both directions. */
export type Flow =
  /** `port` is the sender's. */
  | { readonly protocol: 'tcp' | 'udp'; readonly port: number }
  /** `port` is the echo's identifier. */
  | { readonly protocol: 'icmp'; readonly port: number };

/** A step of a packet through the rules of a namespace. */
export interface TraceStep {
  /** The kernel's number for the packet. */
  readonly packet: number;
  /** Of the table. */
  readonly family: 'inet' | 'ip' | 'ip6' | 'bridge' | 'netdev' | 'arp';
  readonly table: string;
  readonly chain: string;
  /** Of the rule; 0 for the policy of the chain. */
  readonly handle: number;
  readonly verdict: 'accept' | 'drop' | 'jump' | 'goto' | 'return' | 'continue' | 'queue' | 'stolen';
  /** Names of links; '' where there is none yet. */
  readonly from: string;
  readonly to: string;
  /** Absent until a step has it. */
  readonly header?: PacketHeader;
  /** The table is the trace's own: the packet has passed that hook. */
  readonly passed?: Hook;
  /** The trace has stopped it there (`stopFrom`). */
  readonly stopped?: true;
  /** A question for a neighbour, or its answer (ARP, neighbour discovery), which belongs to no flow. */
  readonly isNeighbour?: true;
}

export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

export interface PacketHeader {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** TCP's flags; 0 for others. */
  readonly flags: number;
  /** Number of the transport protocol. */
  readonly protocol: number;
}

export interface TraceOptions {
  readonly flow: Flow;
  /** Also recognises the packet inside of a VXLAN tunnel to that UDP port. */
  readonly tunnel?: { readonly port: number; readonly family: 4 | 6 };
  /** Answers that would leave by that link are dropped. */
  readonly keepFrom?: string;
  /** Packets of the sender that arrive by that link go no further than prerouting. */
  readonly stopFrom?: string;
  /** Follows questions for neighbours as well, and rules of these links (family netdev). */
  readonly deep?: { readonly links: readonly string[] };
}

export interface Trace {
  /** The steps so far. */
  read(): readonly TraceStep[];
  /** Removes its table. */
  close(): void;
}

/**
 * `connected`: a TCP handshake; `answered`: an echo or a datagram; `refused`: a reset or port unreachable; `failed`: another
 * error, whose errno is given; `silent`: nothing until the limit.
 */
export interface ProbeOutcome {
  readonly result: 'connected' | 'answered' | 'refused' | 'failed' | 'silent';
  /** Name of the errno, or ''. */
  readonly reason: string;
  /** The sender's address, '' where it had none. */
  readonly source: string;
}

export interface ProbeOptions {
  readonly to: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  /** Ignored for echoes. */
  readonly port: number;
  /** Milliseconds. */
  readonly limit: number;
  /** Echoes: length of the whole packet, which must not be fragmented; 0 for a small one. */
  readonly size?: number;
}

/** A socket for one probe: its flow is known before anything is sent. */
export interface Probe {
  readonly flow: Flow;
  send(): Promise<ProbeOutcome>;
  close(): void;
}

export interface ArpQuestion {
  /** Name of the link. */
  readonly link: string;
  readonly address: string;
  /** Milliseconds. */
  readonly limit: number;
}

/** A packet that seems to have arrived by a link of the host. */
export interface Arrival {
  /** Name of the link. */
  readonly link: string;
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly sourcePort: number;
  readonly port: number;
  /** TCP: ends the connection that an earlier arrival has begun. */
  readonly isEnd?: true;
}

/** What stops packets at a link, whatever the rules and routes say. */
export interface LinkState {
  readonly up: boolean;
  /** The other end, or the cable, is there. */
  readonly carrier: boolean;
  readonly noarp: boolean;
  readonly mac: string;
  /** Index of the bridge that it is a port of, or 0. */
  readonly master: number;
  /** Of a bridge port; '' for others. */
  readonly port: '' | 'disabled' | 'listening' | 'learning' | 'forwarding' | 'blocking';
}

/** A queue of a link (qdisc). */
export interface Queue {
  /** Name of the link. */
  readonly link: string;
  /** `tbf`, `netem`, `clsact`, ... */
  readonly kind: string;
  /** Packets that it has dropped so far. */
  readonly dropped: number;
}

/** Of a table: `ip`, `filter`, `INPUT`. */
export interface ChainName {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
}

/** Looks into one namespace. */
export interface Inspector {
  routeTo(question: RouteQuestion): RouteAnswer;
  /** Undefined for a missing link. */
  linkState(name: string): LinkState | undefined;
  /** Name of the port by which a bridge, given by its index, sends frames for a MAC; undefined while it does not know. */
  portTowards(bridge: number, mac: string): string | undefined;
  /** Queues that a user has set; those of the kernel's own choice may be among them. */
  queues(): Promise<readonly Queue[]>;
  /** Of a link, by name; both families. */
  neighbours(link: string): readonly KnownNeighbour[];
  listening(): Promise<readonly ListeningSocket[]>;
  /** MACs that answer for an IPv4 address. */
  answering(question: ArpQuestion): Promise<readonly string[]>;
  /** Throws KERNEL where the kernel has no nftables. */
  trace(options: TraceOptions): Trace;
  /**
   * The text of a chain's rules with their handles, read by a process; '' where it is gone, has a name that nft(8) does not
   * take, or is too large to be read soon.
   */
  rulesOf(chain: ChainName): Promise<string>;
  /** Rules of iptables' legacy variant with counters, as its save program prints them; '' for none. */
  legacyCounters(family: 4 | 6): Promise<string>;
  openProbe(options: ProbeOptions): Probe;
  /** Lets a packet arrive; it is followed by a trace. */
  arrive(arrival: Arrival): Promise<void>;
}
