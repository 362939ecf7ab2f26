/** The order of objects: lower is made earlier and removed later. */
export const ranks = {
  /** Other objects may be inside. */
  namespace: -10,
  /** Values that new links inherit (`conf/default`), and those that belong to no link. */
  sysctl: 0,
  /** Links that other links depend on: bridges, VLAN sub-interfaces, `lo`. */
  baseLink: 10,
  /** Links that depend on another: veth pairs, macvlan, ipvlan. */
  link: 20,
  /** Values of one link. */
  linkSysctl: 30,
  /** Links may have to be there. */
  qdisc: 35,
  address: 40,
  route: 50,
  neighbour: 60,
  /** Routes of their own tables lead by neighbours. */
  policy: 65,
  /** Before the interface is up: no packet passes without them. */
  access: 5,
  /** Rules that lead to what is there by then. */
  virtual: 70,
  ruleset: 70,
} as const;
