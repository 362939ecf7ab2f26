/** Attributes of each kind of link in its creation message: IFLA_LINK and data. Pure. */

import { familyOf } from '../../net/family.ts';
import type { LinkSpec } from '../kernel.ts';
import type { Attributes, Writer } from '../netlink/attributes.ts';
import { addressBytes, addressText, macBytes } from '../netlink/inet.ts';
import {
  IFF_UP,
  IFLA,
  IFLA_INFO,
  IFLA_IPVLAN,
  IFLA_MACVLAN_MODE,
  IFLA_VLAN_ID,
  IFLA_VXLAN,
  VETH_INFO_PEER,
} from './constants.ts';

type Kind = LinkSpec['type'];
type SpecOf<K extends Kind> = Extract<LinkSpec, { readonly type: K }>;

/** Writes the attributes of a kind: of the link itself, and of IFLA_INFO_DATA. */
interface LinkKind<K extends Kind> {
  link?(writer: Writer, spec: SpecOf<K>): void;
  data?(writer: Writer, spec: SpecOf<K>): void;
  /** Reads the attributes that are fixed at creation. */
  read?(data: Attributes): Readonly<Record<string, string | number | undefined>>;
}

const macvlanModes = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const;
const ipvlanModes = { l2: 0, l3: 1, l3s: 2 } as const;
const ipvlanFlags = { bridge: 0, private: 1, vepa: 2 } as const;

const kinds: { readonly [K in Kind]: LinkKind<K> } = {
  bridge: {},
  dummy: {},
  wireguard: {},
  veth: {
    link: (writer, spec) => {
      if (spec.master !== undefined) writer.u32(IFLA.MASTER, spec.master);
    },
    data: (writer, { peer }) => {
      writer.nested(VETH_INFO_PEER, () => {
        // without its state: the kernel brings no end up before both exist (ENOTCONN of veth_open)
        writeLinkHeader(writer, 0);
        writeCommon(writer, peer);
        writer.u32(IFLA.NET_NS_FD, peer.namespace.fd);
      });
    },
  },
  macvlan: {
    link: writeParent,
    data: (writer, spec) => writer.u32(IFLA_MACVLAN_MODE, macvlanModes[spec.mode]),
    read: (data) => ({ mode: nameOf(macvlanModes, data.u32(IFLA_MACVLAN_MODE)) }),
  },
  ipvlan: {
    link: writeParent,
    data: (writer, spec) => {
      writer.u16(IFLA_IPVLAN.MODE, ipvlanModes[spec.mode]);
      if (spec.flag !== undefined) writer.u16(IFLA_IPVLAN.FLAGS, ipvlanFlags[spec.flag]);
    },
  },
  vlan: {
    link: writeParent,
    data: (writer, spec) => writer.u16(IFLA_VLAN_ID, spec.vlan),
    read: (data) => ({ vlan: data.u16(IFLA_VLAN_ID) }),
  },
  vxlan: {
    link: (writer, { namespace }) => {
      if (namespace !== undefined) writer.u32(IFLA.NET_NS_FD, namespace.fd);
    },
    read: (data) => {
      const local = data.data(IFLA_VXLAN.LOCAL) ?? data.data(IFLA_VXLAN.LOCAL6);
      return {
        vni: data.u32(IFLA_VXLAN.ID),
        port: data.u16be(IFLA_VXLAN.PORT),
        local: local && addressText(local),
        proxy: data.u8(IFLA_VXLAN.PROXY) ? 'on' : 'off',
      };
    },
    data: (writer, spec) => {
      writer.u32(IFLA_VXLAN.ID, spec.vni);
      writer.u16be(IFLA_VXLAN.PORT, spec.port);
      writer.u8(IFLA_VXLAN.LEARNING, spec.learning ? 1 : 0);
      if (spec.proxy !== undefined) writer.u8(IFLA_VXLAN.PROXY, spec.proxy ? 1 : 0);
      if (spec.local !== undefined) {
        const type = familyOf(spec.local) === 4 ? IFLA_VXLAN.LOCAL : IFLA_VXLAN.LOCAL6;
        writer.data(type, addressBytes(spec.local));
      }
    },
  },
};

const nameOf = (names: Readonly<Record<string, number>>, value: number | undefined): string | undefined =>
  Object.keys(names).find((name) => names[name] === value);

/** Attributes in IFLA_LINKINFO that are fixed at creation; undefined for types without any. */
export function readFixed(
  type: string,
  info: Attributes,
): Readonly<Record<string, string | number>> | undefined {
  const read = Object.hasOwn(kinds, type) ? kinds[type as Kind].read : undefined;
  if (read === undefined) return undefined;
  const known = Object.entries(read(info.nested(IFLA_INFO.DATA))).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as Readonly<Record<string, string | number>>;
}

/** A creation message after its header, without the alias (see `createLink`). */
export function writeLinkSpec<K extends Kind>(writer: Writer, spec: SpecOf<K> & { readonly type: K }): void {
  const kind: LinkKind<K> = kinds[spec.type];
  writeCommon(writer, spec);
  kind.link?.(writer, spec);
  writer.nested(IFLA.LINKINFO, () => {
    writer.text(IFLA_INFO.KIND, spec.type);
    if (kind.data !== undefined) writer.nested(IFLA_INFO.DATA, () => kind.data?.(writer, spec));
  });
}

/** struct ifinfomsg. `up` undefined leaves the flag alone. */
export function writeLinkHeader(writer: Writer, index: number, up?: boolean): void {
  writer.struct(16, (view) => {
    view.setInt32(4, index, true);
    if (up === undefined) return;
    view.setUint32(8, up ? IFF_UP : 0, true);
    view.setUint32(12, IFF_UP, true);
  });
}

interface Common {
  readonly name?: string;
  readonly mtu?: number;
  readonly mac?: string;
}

/** The attributes that creation and change share. */
export function writeCommon(writer: Writer, spec: Common): void {
  if (spec.name !== undefined) writer.text(IFLA.IFNAME, spec.name);
  if (spec.mtu !== undefined) writer.u32(IFLA.MTU, spec.mtu);
  if (spec.mac !== undefined) writer.data(IFLA.ADDRESS, macBytes(spec.mac));
}

function writeParent(
  writer: Writer,
  spec: { readonly parent: number; readonly namespace?: { readonly fd: number } },
): void {
  writer.u32(IFLA.LINK, spec.parent);
  if (spec.namespace !== undefined) writer.u32(IFLA.NET_NS_FD, spec.namespace.fd);
}
