/**
 * The cells of the matrix of published ports: each kind of network, each form of `-p`, both protocols, each place that asks,
 * and each address that it asks by.
 */
import type { Family } from '../../../src/net/family.ts';
import { uplink } from '../../kernel/rig.ts';

/** The host's further addresses on its uplink. */
export const second = { 4: '198.51.100.3', 6: '2001:db8:51::3' } as const;

export interface Mode {
  readonly name: string;
  readonly families: readonly Family[];
  readonly options?: Readonly<Record<string, string>>;
  /** The ports obey the host's rules, which accept all packets to them, or drop them. */
  readonly input?: 'accepts' | 'drops';
}

const gatewayMode = (family: Family, mode: string): Readonly<Record<string, string>> => ({
  [`com.docker.network.bridge.gateway_mode_ipv${family}`]: mode,
});
const policyHost = { 'com.seaway.publish_policy': 'host' };

export const modes: readonly Mode[] = [
  { name: 'nat', families: [4, 6] },
  { name: 'nat, IPv4 alone', families: [4] },
  { name: 'nat, IPv6 alone', families: [6] },
  { name: 'routed', families: [4, 6], options: { ...gatewayMode(4, 'routed'), ...gatewayMode(6, 'routed') } },
  { name: 'nat IPv4, routed IPv6', families: [4, 6], options: gatewayMode(6, 'routed') },
  {
    name: 'nat-unprotected',
    families: [4, 6],
    options: { ...gatewayMode(4, 'nat-unprotected'), ...gatewayMode(6, 'nat-unprotected') },
  },
  { name: 'icc off', families: [4, 6], options: { 'com.docker.network.bridge.enable_icc': 'false' } },
  { name: 'policy host, INPUT accepts', families: [4, 6], options: policyHost, input: 'accepts' },
  { name: 'policy host, INPUT drops', families: [4, 6], options: policyHost, input: 'drops' },
];

/** What `-p HOST:PORT:80` has for HOST; '' for nothing. */
export interface Binding {
  readonly name: string;
  readonly host: string;
}

export const bindings: readonly Binding[] = [
  { name: 'none', host: '' },
  { name: '0.0.0.0', host: '0.0.0.0' },
  { name: '127.0.0.1', host: '127.0.0.1' },
  { name: 'host4', host: uplink.address },
  { name: '[::]', host: '::' },
  { name: '[::1]', host: '::1' },
  { name: 'host6', host: uplink.address6 },
  { name: 'interface', host: uplink.name },
];

/** Asked for by the container's own address. */
export const direct: readonly Binding[] = [
  { name: 'published port', host: '' },
  { name: 'other port', host: '' },
];

export const protocols = ['tcp', 'udp'] as const;
export type Protocol = (typeof protocols)[number];

export const places = ['outside', 'host', 'itself', 'neighbour', 'other'] as const;
/** `other`: a container of another network, which has both families. */
export type Place = (typeof places)[number];

/** `second`: an address of the host that no port names; `gateway`: the host's on the asker's network. */
export type Address = 'host' | 'second' | 'loopback' | 'gateway' | 'container';

const asked: Readonly<Record<Place, readonly Address[]>> = {
  outside: ['host', 'second'],
  host: ['host', 'second', 'loopback', 'gateway'],
  itself: ['host', 'second', 'gateway'],
  neighbour: ['host', 'second', 'gateway'],
  other: ['host', 'second', 'gateway'],
};

export interface Cell {
  readonly mode: Mode;
  readonly binding: Binding;
  readonly protocol: Protocol;
  readonly place: Place;
  readonly address: Address;
  readonly family: Family;
}

const families = [4, 6] as const;

/** Whether the asker has that family, and the network that address. */
function isThere(
  { families }: Mode,
  { place, address, family }: Pick<Cell, 'place' | 'address' | 'family'>,
): boolean {
  if (families.includes(family)) return true;
  if (place === 'itself' || place === 'neighbour') return false;
  return address !== 'container' && (address !== 'gateway' || place === 'other');
}

/** All cells, those of a row beside each other. */
export const cells: readonly Cell[] = modes.flatMap((mode) =>
  [...bindings, ...direct].flatMap((binding) =>
    protocols.flatMap((protocol) =>
      places.flatMap((place) => {
        const addresses: readonly Address[] = direct.includes(binding) ? ['container'] : asked[place];
        return addresses.flatMap((address) =>
          families
            .filter((family) => isThere(mode, { place, address, family }))
            .map((family) => ({ mode, binding, protocol, place, address, family })),
        );
      }),
    ),
  ),
);

/** The row of a cell: all addresses that one place asks by. */
export const rowOf = ({ mode, binding, protocol, place }: Cell): string =>
  [mode.name, binding.name, protocol, place].join(' | ');

export const columnOf = ({ address, family }: Cell): string => `${address}${family}`;

export const keyOf = (cell: Cell): string => `${rowOf(cell)} | ${columnOf(cell)}`;
