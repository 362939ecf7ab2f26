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
  /** Of all links, and of that by which the packet arrived. */
  readonly forwarding: boolean;
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
  readonly strangeGateway?: { readonly gateway: string; readonly wanted: string };
}
