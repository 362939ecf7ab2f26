/** The maps and sets of the engine's table. What changes with networks and ports is an element of one of them. */
import type { Family } from '../../net/family.ts';

export type Field = 'address' | 'protocol' | 'port' | 'link';

export interface SetShape {
  readonly key: readonly Field[];
  /** What a key leads to, in a map. */
  readonly data?: readonly Field[];
  /** Keys may be blocks of addresses and ranges of ports. */
  readonly interval?: true;
  /** A sentence that says what is in it. */
  readonly why: string;
}

const port = ['protocol', 'port'] as const;
const target = ['address', 'port'] as const;
const door = ['link', 'address', ...port] as const;

export const sets = {
  published: { key: port, data: target, why: 'Ports on every address of the host, and where they lead.' },
  addressed: { key: ['address', ...port], data: target, why: 'Ports on one address of the host.' },
  'published-ranges': {
    ...{ key: port, data: ['address'], interval: true },
    why: 'Ranges of ports on every address of the host; the port stays.',
  },
  'addressed-ranges': {
    ...{ key: ['address', ...port], data: ['address'], interval: true },
    why: 'Ranges of ports on one address of the host.',
  },
  'behind-published': {
    ...{ key: port, data: target },
    why: "Ports on every address of the host that obey the host's own rules.",
  },
  'behind-addressed': {
    ...{ key: ['address', ...port], data: target },
    why: "Ports on one address of the host that obey the host's own rules.",
  },
  'behind-published-ranges': {
    ...{ key: port, data: ['address'], interval: true },
    why: "Ranges of ports on every address of the host that obey the host's own rules.",
  },
  'behind-addressed-ranges': {
    ...{ key: ['address', ...port], data: ['address'], interval: true },
    why: "Ranges of ports on one address of the host that obey the host's own rules.",
  },
  loopback: { key: ['address', ...port], why: 'Ports that are published for this host alone.' },
  'loopback-ranges': {
    ...{ key: ['address', ...port], interval: true },
    why: 'Ranges of ports that are published for this host alone.',
  },
  guarded: { key: ['address'], why: 'Containers that are reached by addresses of the host only.' },
  direct: {
    key: ['link', 'address'],
    why: 'Who reaches them directly: their own network, and trusted links.',
  },
  'guarded-by-state': {
    key: ['address'],
    why: 'The same where nothing is masqueraded: answers come to their own address.',
  },
  trusted: { key: door, why: 'Ports of those that a trusted link may reach directly.' },
  'trusted-ranges': {
    key: door,
    interval: true,
    why: 'Ranges of ports that a trusted link may reach directly.',
  },
  doors: { key: door, why: 'What may enter a network: published and open ports.' },
  'door-ranges': { key: door, interval: true, why: 'Ranges of ports that may enter a network.' },
  hairpins: {
    key: ['address', 'address'],
    why: "Containers that reach their own published ports by the host's address.",
  },
  links: { key: ['link'], why: 'Bridges of all networks.' },
  networks: { key: ['link'], why: 'Bridges of networks that have a way out.' },
  internal: { key: ['link'], why: 'Bridges of internal networks.' },
  within: { key: ['link', 'link'], why: 'In by a bridge and out by the same.' },
  apart: { key: ['link'], why: 'Bridges whose containers are kept apart (enable_icc=false).' },
  rewriting: { key: ['link'], why: 'Bridges that get rewritten packets.' },
  routed: { key: ['link'], why: 'Bridges of routed networks.' },
  unprotected: { key: ['link'], why: 'Bridges of networks all of whose ports are open, as asked.' },
  linked: { key: ['link'], why: 'Bridges whose containers are kept apart, with links.' },
  holes: {
    key: ['address', 'address', ...port],
    why: 'Legacy links: from whom, to whom, and to which port of it.',
  },
  homes: { key: ['address', 'link'], interval: true, why: 'Subnets and their bridges.' },
  hidden: { key: ['address'], interval: true, why: 'Subnets whose addresses never leave this host.' },
  masqueraded: {
    ...{ key: ['address'], interval: true },
    why: 'Subnets that get the address of the link that they leave by.',
  },
  sources: {
    ...{ key: ['address'], data: ['address'], interval: true },
    why: 'Subnets that get a certain address when they leave, as asked.',
  },
  segments: {
    ...{ key: ['address', 'address'], interval: true },
    why: "Subnets of plugins' networks: packets within one are the plugin's business.",
  },
  hosts: { key: ['address'], why: 'Other hosts of the cluster.' },
} as const satisfies Readonly<Record<string, SetShape>>;

export type SetName = keyof typeof sets;

export const setNames = Object.keys(sets) as readonly SetName[];

export const shapeOf = (set: SetName): SetShape => sets[set];

/** An element as nft(8) writes it: fields with ` . ` between them. */
export interface Element {
  readonly set: SetName;
  readonly key: string;
  /** Of a map. */
  readonly data?: string;
}

export const elementText = ({ key, data }: Element): string =>
  data === undefined ? key : `${key} : ${data}`;

export const tableName = 'seaway';

/** `ip seaway`, as nft(8) and events name it. */
export const tableOf = (family: Family): string => `${family === 4 ? 'ip' : 'ip6'} ${tableName}`;

/** The lines of a set's declaration, as nft(8) prints them. */
export function declarationLines(set: SetName, family: Family): readonly string[] {
  const { key, data, interval } = shapeOf(set);
  const types = (fields: readonly Field[]): string =>
    fields.map((field) => typeOf(field, family)).join(' . ');
  return [`type ${types(key)}${data ? ` : ${types(data)}` : ''}`, ...(interval ? ['flags interval'] : [])];
}

/** The declaration of a set, for nft(8). */
export const declarationOf = (set: SetName, family: Family): string =>
  `${shapeOf(set).data ? 'map' : 'set'} ${set} { ${declarationLines(set, family).join('; ')}; }`;

function typeOf(field: Field, family: Family): string {
  if (field === 'address') return family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  return { protocol: 'inet_proto', port: 'inet_service', link: 'ifname' }[field];
}
