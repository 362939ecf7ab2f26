/** Properties of the types of links. */
import { compareFields, type Difference } from './kind.ts';
import type { LinkObject } from './object.ts';
import type { ObservedLink } from './observed.ts';
import { ranks } from './ranks.ts';

type OfType<T extends LinkObject['type']> = Extract<LinkObject, { type: T }>;

export interface LinkType<T extends LinkObject['type']> {
  /** IFLA_INFO_KIND; '' for none, absent for any. */
  readonly rtnetlink?: string;
  readonly rank: number;
  /** A link of this type that existed before is used as it is. */
  readonly adoptable: boolean;
  /** What else is observed of such a link on the host, so that stale addresses and routes are found. */
  readonly hostSide?: { readonly addresses: boolean; readonly routes: boolean };
  /** What follows the name in `ip link`: `@parent`. */
  suffix(link: OfType<T>): string;
  /** The lines below `link/ether` of `ip -d link`. */
  details(link: OfType<T>): readonly string[];
  differences(desired: OfType<T>, observed: ObservedLink): readonly Difference[];
}

const onOff = (value: boolean): string => (value ? 'on' : 'off');

/** Differences in fields that are fixed when a link is made; '' and 0 leave the choice to the kernel. */
const fixedDifferences = (
  desired: Readonly<Record<string, string | number>>,
  { fixed = {} }: ObservedLink,
): Difference[] =>
  Object.entries(desired).flatMap(([field, value]) =>
    value && fixed[field] !== undefined ? compareFields({ [field]: [value, fixed[field]] }, false) : [],
  );

const parentDifferences = (desired: { parent: string }, observed: ObservedLink): Difference[] =>
  compareFields({ parent: [desired.parent, observed.parent] }, false);

const table: { readonly [T in LinkObject['type']]: LinkType<T> } = {
  loopback: {
    rtnetlink: '',
    rank: ranks.baseLink,
    adoptable: true,
    suffix: () => '',
    details: () => [],
    differences: () => [],
  },
  bridge: {
    rtnetlink: 'bridge',
    rank: ranks.baseLink,
    adoptable: true,
    hostSide: { addresses: true, routes: false },
    suffix: () => '',
    details: () => ['bridge'],
    differences: () => [],
  },
  dummy: {
    rtnetlink: 'dummy',
    rank: ranks.baseLink,
    adoptable: true,
    suffix: () => '',
    details: () => ['dummy'],
    differences: () => [],
  },
  vxlan: {
    rtnetlink: 'vxlan',
    rank: ranks.link,
    adoptable: false,
    hostSide: { addresses: true, routes: true },
    suffix: () => '',
    details: ({ vni, port, local, proxy }) => [
      `vxlan id ${vni}${local ? ` local ${local}` : ''} dstport ${port} nolearning${proxy ? ' proxy' : ''}`,
    ],
    differences: (desired, observed) => [
      ...fixedDifferences({ vni: desired.vni, port: desired.port, local: desired.local }, observed),
      ...fixedDifferences({ proxy: desired.proxy ? 'on' : 'off' }, observed),
      ...compareFields({ master: [desired.master, observed.master] }, true),
    ],
  },
  adopted: {
    rank: ranks.link,
    adoptable: false,
    suffix: () => '',
    details: ({ from }) => [`moved here from the host's ${from}`],
    differences: () => [],
  },
  vlan: {
    rtnetlink: 'vlan',
    rank: ranks.baseLink,
    adoptable: true,
    suffix: ({ parent }) => `@${parent}`,
    details: ({ vlan }) => [`vlan protocol 802.1Q id ${vlan}`],
    differences: (desired, observed) => [
      ...fixedDifferences({ vlan: desired.vlan }, observed),
      ...parentDifferences(desired, observed),
    ],
  },
  macvlan: {
    rtnetlink: 'macvlan',
    rank: ranks.link,
    adoptable: false,
    hostSide: { addresses: true, routes: true },
    suffix: ({ parent }) => `@${parent}`,
    details: ({ mode }) => [`macvlan mode ${mode}`],
    differences: (desired, observed) => [
      ...fixedDifferences({ mode: desired.mode }, observed),
      ...parentDifferences(desired, observed),
    ],
  },
  ipvlan: {
    rtnetlink: 'ipvlan',
    rank: ranks.link,
    adoptable: false,
    suffix: ({ parent }) => `@${parent}`,
    details: ({ mode, flag }) => [`ipvlan mode ${mode} ${flag}`],
    // mode and flag are not compared: they are the parent's, shared by all of its ipvlan links
    differences: parentDifferences,
  },
  veth: {
    rtnetlink: 'veth',
    rank: ranks.link,
    adoptable: false,
    suffix: ({ peer }) => `@${peer.name}`,
    details: ({ hairpin, isolated, peer }) => [
      'veth',
      `bridge_slave hairpin ${onOff(hairpin)} isolated ${onOff(isolated)}`,
      `peer ${peer.name} in ${peer.ns} link/ether ${peer.mac}`,
    ],
    differences(desired, { master, hairpin, isolated, peer }) {
      if (!peer || peer.alias !== desired.owner)
        return compareFields({ peer: [desired.peer.name, peer?.alias ?? 'none'] }, false);
      return compareFields(
        {
          master: [desired.master, master],
          hairpin: [desired.hairpin, hairpin],
          isolated: [desired.isolated, isolated],
          'peer.mac': [desired.peer.mac, peer.mac],
          'peer.mtu': [desired.mtu || peer.mtu, peer.mtu],
          'peer.up': [true, peer.up],
        },
        true,
      );
    },
  },
};

/** The type of a link: `linkTypeOf(link.type).details(link)`. */
export const linkTypeOf = <T extends LinkObject['type']>(type: T): LinkType<T> => table[type];
