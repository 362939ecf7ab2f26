/** Part of the contract of `Kernel` (`kernel.ts`): packets as they pass links of a namespace. */

export interface CaptureOptions {
  /** Index of the link; 0 for all of the namespace. */
  readonly link: number;
  /** In the language of pcap-filter(7); '' for all packets. */
  readonly filter: string;
  /** Packets of that link begin with their IP header: WireGuard, tun. */
  readonly isBare: boolean;
  /** Bytes of each packet that are kept. */
  readonly snaplen: number;
  /** Also frames that are for others: on a bridge, what passes between its ports. */
  readonly promiscuous: boolean;
}

/** Valid only while it is being visited. */
export interface CapturedPacket {
  /** Index of its link. */
  readonly link: number;
  /** Begins with its IP header, not with one of Ethernet. */
  readonly isBare: boolean;
  /** Seconds since the epoch, and nanoseconds. */
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly isOutgoing: boolean;
  /** Bytes on the link, of which `data` may be the first ones. */
  readonly length: number;
  readonly data: Uint8Array;
  /** TPID and TCI of its VLAN tag, which the kernel has taken off. */
  readonly vlan: { readonly tpid: number; readonly tci: number } | undefined;
}

export interface PacketCapture {
  /** Visits what has come, so much in a turn. Never blocks. */
  read(visit: (packet: CapturedPacket) => void): void;
  /** Calls back once, when there is something to read. */
  whenReady(): void;
  /** Packets since the beginning, those that were dropped included. */
  counts(): { readonly packets: number; readonly dropped: number };
  close(): void;
}

/** A packet that the kernel has dropped. */
export interface KernelDrop {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  /** `NETFILTER_DROP`: enum skb_drop_reason. */
  readonly reason: string;
  /** `nf_hook_slow+0xa9/0x110`: where in the kernel. */
  readonly at: string;
  /** EtherType: 0x0800, 0x86dd. */
  readonly protocol: number;
}

export interface PacketDoor {
  /**
   * Captures packets of a namespace from now on; `ready` is called as `PacketCapture.whenReady` says. Throws
   * CAPTURE_FILTER_INVALID, CAPTURE_NO_LIBPCAP, KERNEL.
   */
  capture(
    namespace: { inside<T>(open: () => T): T },
    options: CaptureOptions,
    ready: () => void,
  ): PacketCapture;
  /**
   * Calls the listener with packets that the kernel of this host drops, until the returned function is called. Tracefs is
   * mounted below `folder` where it is not there. Throws CAPTURE_NO_DROPS.
   */
  watchDrops(folder: string, listener: (drop: KernelDrop) => void): () => void;
}
