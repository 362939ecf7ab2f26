/** What was observed of one attempt; the causes follow from it. */

import type { PortMapping } from '../model/sandbox.ts';
import type { View } from '../model/tables.ts';
import type { Family } from '../net/family.ts';
import type { DecidingRule } from './causes.ts';
import type { End } from './ends.ts';
import type { PendingChange } from './pending.ts';
import type { Target } from './question.ts';

/** In which namespace something was seen: of the sender, of the host, of the network (overlay), of the receiver. */
export type Place = 'sender' | 'host' | 'network' | 'receiver';

/** A rule that has dropped a packet. */
export interface Drop {
  readonly place: Place;
  readonly rule: DecidingRule;
  /** It was an answer. */
  readonly isAnswer: boolean;
  /** By a table of the bridge family. */
  readonly isBridge: boolean;
  /** What asked for the neighbour was dropped, not the packet itself. */
  readonly isNeighbour?: boolean;
  /** It was left to a program, which did not let it pass. */
  readonly isQueued?: boolean;
}

/** How far packets were seen, by namespace: `input`, `forward`, ... */
export interface Passage {
  readonly place: Place;
  readonly hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
  readonly isAnswer: boolean;
  readonly from: string;
  readonly to: string;
  /** Where it was going by then, after any translation. */
  readonly destination: string;
  /** Its port then; 0 or absent for none. */
  readonly port?: number;
  readonly source: string;
}

export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  readonly waiting: number;
}

export type Result = 'connected' | 'answered' | 'refused' | 'failed' | 'silent';

export interface HostFacts {
  /** The link by which the packet, or its answer, arrived and from which nothing is forwarded; `all`, or '' for none. */
  readonly closed: string;
  readonly tracked: number;
  readonly mostTracked: number;
  /** Link by which the host sends to the receiver's address; '' where it has no route. */
  readonly linkToReceiver: string;
  /** Name of the errno where the host's routes refuse it, or ''. */
  readonly receiverRefused: string;
  /** Likewise to the sender's. */
  readonly linkToSender: string;
  /** rp_filter of the link by which the packet arrived, as it is in effect (the higher of it and `all`). */
  readonly reversePathFilter: number;
}

/** Somebody else has the address, too. */
export interface Claimant {
  readonly mac: string;
  /** Of ours; '' for a stranger. */
  readonly container: string;
  /** It has the address itself; absent where that cannot be seen. */
  readonly holds?: boolean;
}

/** A step of the way at which a neighbour is to be found. */
export interface NextHop {
  /** Who looks for it: `db`, `this host`. */
  readonly by: string;
  readonly address: string;
  readonly link: string;
}

/** What else was looked at where no cause was found. */
export interface Looked {
  /** Entries of neighbour tables that lead elsewhere. */
  readonly mistaken: readonly (NextHop & { readonly mac: string; readonly rightful: string })[];
  /** Nobody answers for these; `why` is a clause about the one who should, or ''. */
  readonly unanswered: readonly (NextHop & { readonly why: string })[];
  /** Bridge ports that do not forward, or whose frames are sent to another port. */
  readonly ports: readonly {
    readonly container: string;
    readonly link: string;
    readonly state: string;
    /** The port that gets its frames instead, and whose it is; '' for none. */
    readonly instead: string;
    readonly holder: string;
  }[];
  /** Queues on the way. */
  readonly queues: readonly {
    readonly at: string;
    readonly link: string;
    readonly kind: string;
    /** Packets while the probes were sent. */
    readonly dropped: number;
  }[];
  /** The receiver has no route back to this address. */
  readonly noRouteBack?: { readonly to: string; readonly refused: string };
  /** How the host's rules for routes treat the sender's packets, where they differ from its own. */
  readonly ruled?: { readonly refused: string; readonly link: string; readonly usual: string };
  /** Loopback is down in the sender's namespace, and the address is its own. */
  readonly loopbackDown?: true;
  /** A container of the receiver's host that answers on the same network, where the receiver is on another host. */
  readonly neighbourAnswers?: string;
  /** Links on the host that are down or have nothing at their other end. */
  readonly dead: readonly { readonly link: string; readonly up: boolean }[];
}

export interface Evidence {
  readonly view: View;
  readonly from: End;
  readonly to: End;
  readonly target: Target;
  readonly family: Family;
  /** Where the packet was sent. */
  readonly address: string;
  /** The port of the host that leads to the receiver. */
  readonly mapping?: PortMapping;
  readonly result: Result;
  /** Name of the errno. */
  readonly reason: string;
  readonly drops: readonly Drop[];
  readonly passages: readonly Passage[];
  /** Of the receiver's namespace; absent where it cannot be looked into. */
  readonly listeners?: readonly Listener[];
  /** Differences between the records and the kernel on the way. */
  readonly differences: readonly PendingChange[];
  /** Who else answers for the receiver's address. */
  readonly claimants: readonly Claimant[];
  /** The rightful holder has answered as well. */
  readonly rightfulAnswered: boolean;
  /** Small echoes are answered. */
  readonly echoed: boolean;
  /** Packets of the sender's full size, which must not be fragmented, vanish. */
  readonly largeVanish?: { readonly size: number; readonly link: string; readonly mtu: number };
  readonly host: HostFacts;
  /** Route to the address from the sender; errno's name, or ''. */
  readonly noRoute: string;
  /** The sender's gateway on the way, where another program has put it in place of its network's. */
  readonly looked?: Looked;
  /** Another container of the network that has the same MAC address as one of both ends. */
  readonly sameMac?: { readonly of: string; readonly other: string; readonly mac: string };
  /** A rule of others has sent the packet to another destination. */
  readonly redirected?: { readonly rule: DecidingRule; readonly to: string };
  readonly strangeGateway?: { readonly gateway: string; readonly wanted: string };
}
