/** The one table of order: what is lower is made earlier and removed later. */
export const ranks = {
  /** All else may be in it. */
  namespace: -10,
  /** Values that links take over when they are made (`conf/default`), and all that is of no link. */
  sysctl: 0,
  /** Links that others are ports or children of: bridges, VLAN sub-interfaces, and `lo`. */
  baseLink: 10,
  /** Links that need another: veth pairs, macvlan, ipvlan. */
  link: 20,
  /** Values of one link. */
  linkSysctl: 30,
  address: 40,
  route: 50,
  neighbour: 60,
} as const;
