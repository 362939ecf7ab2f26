/** Numbers of rtnetlink(7): include/uapi/linux/{rtnetlink,if_link,if_addr,neighbour}.h. */

export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  SETLINK: 19,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
  NEWNEIGH: 28,
  DELNEIGH: 29,
  GETNEIGH: 30,
  NEWRULE: 32,
  DELRULE: 33,
  GETRULE: 34,
  NEWQDISC: 36,
  DELQDISC: 37,
  GETQDISC: 38,
  NEWNETCONF: 80,
} as const;

export const IFF_UP = 1;
export const IFF_NOARP = 0x80;
export const IFF_RUNNING = 0x40;

export const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  QDISC: 6,
  MASTER: 10,
  PROTINFO: 12,
  LINKINFO: 18,
  IFALIAS: 20,
  GROUP: 27,
  NET_NS_FD: 28,
  EXT_MASK: 29,
} as const;

/** RTEXT_FILTER_SKIP_STATS: leaves out counters, half of a link's message. */
export const SKIP_STATS = 8;

export const IFLA_INFO = { KIND: 1, DATA: 2, SLAVE_KIND: 4, SLAVE_DATA: 5 } as const;

/** Within IFLA_INFO_SLAVE_DATA; MODE is `hairpin` in iproute2. */
export const IFLA_BRPORT = { MODE: 4, ISOLATED: 33 } as const;

export const VETH_INFO_PEER = 1;
export const IFLA_MACVLAN_MODE = 1;
export const IFLA_IPVLAN = { MODE: 1, FLAGS: 2 } as const;
export const IFLA_VLAN_ID = 1;
export const IFLA_VXLAN = { ID: 1, LOCAL: 4, LEARNING: 7, PROXY: 11, PORT: 15, LOCAL6: 17 } as const;

export const IFA = { ADDRESS: 1, LOCAL: 2, BROADCAST: 4, FLAGS: 8 } as const;
export const IFA_F_NODAD = 0x02;
export const IFA_F_DADFAILED = 0x08;
export const IFA_F_TENTATIVE = 0x40;

export const RTA = {
  DST: 1,
  OIF: 4,
  GATEWAY: 5,
  PRIORITY: 6,
  PREFSRC: 7,
  MULTIPATH: 9,
  TABLE: 15,
} as const;
export const RT_TABLE_MAIN = 254;
/** Any, in dumps; and where the number is in an attribute. */
export const RT_TABLE_UNSPEC = 0;

/** include/uapi/linux/fib_rules.h */
export const FRA = { PRIORITY: 6, FWMARK: 10, TABLE: 15, FWMASK: 16, PROTOCOL: 21 } as const;
export const FR_ACT_TO_TBL = 1;

/** Scopes of addresses and routes; `nowhere` is a wildcard in removals. */
export const scopes = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const;

export const routeTypes = { unicast: 1, blackhole: 6, unreachable: 7 } as const;

export const NDA = { DST: 1, LLADDR: 2, IFINDEX: 8 } as const;
export const NUD_PERMANENT = 0x80;
/** The entry is the link's own, not its bridge's. */
export const NTF_SELF = 0x02;
export const AF_BRIDGE = 7;

/** include/uapi/linux/pkt_sched.h */
export const TCA = { KIND: 1, OPTIONS: 2 } as const;
export const TCA_TBF = { PARMS: 1, RATE64: 4, BURST: 6 } as const;
export const TC_H_ROOT = 0xffff_ffff;
export const TC_LINKLAYER_ETHERNET = 1;

/** The handle 5e: of a queue, which tells that it is the engine's. */
export const shaperHandle = 0x5e0000;

/** The name of a value in one of the tables above. */
export function keyOf<T extends Readonly<Record<string, number>>>(
  table: T,
  value: number,
): keyof T | undefined {
  return Object.keys(table).find((key) => table[key] === value);
}
