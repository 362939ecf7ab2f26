/** What no two engines have in common, taken out of what is seen of them: ids, times, drawn names, indices. */
import type { Json } from './observe.ts';

/** Fields that are different at every run, wherever they are. */
const dropped = new Set([
  ...['ifindex', 'link_index', 'link_netnsid', 'ifalias'],
  ...[
    'hello_timer',
    'tcn_timer',
    'topology_change_timer',
    'gc_timer',
    'tentative',
    'hold_timer',
    'message_age_timer',
  ],
  ...[
    'forward_delay_timer',
    'no',
    'id',
    'bridge_id',
    'root_id',
    'designated_bridge',
    'designated_port',
    'port',
  ],
  ...['Created', 'EndpointID', 'SandboxID', 'valid_life_time', 'preferred_life_time'],
]);

const replacements: readonly (readonly [RegExp, string])[] = [
  [/\b(fe00|ff00)::0\b/g, '$1::'],
  // Docker names either family of a port that is taken in both
  [/Bind for :::8010/g, 'Bind for 0.0.0.0:8010'],
  [/could not find a network matching network mode gone: /g, ''],
  [/is not connected to the network/g, 'is not connected to network'],
  [/\bveth[0-9a-f]{6,}\b/g, '<veth>'],
  [/(?<=\/netns\/)[0-9a-f]+/g, '<sandbox>'],
  [/(?<=")[^"]*(?=\/netns\/)/g, '<run>'],
  [/\b[0-9a-f]{64}\b/g, '<id>'],
  [/(?<=\bid:[\\"]+)[0-9a-f]{12}/g, '<endpoint>'],
  [/fe80::[0-9a-f:]*ff:fe[0-9a-f:]+/g, 'fe80::<eui64>'],
];

/** Ids of networks and containers, as they are written whole and short, by names. */
export type Names = ReadonlyMap<string, string>;

function named(text: string, names: Names): string {
  let result = text;
  for (const [id, name] of names) result = result.replaceAll(id, name).replaceAll(id.slice(0, 12), name);
  return replacements.reduce((kept, [pattern, to]) => kept.replace(pattern, to), result);
}

const isRecord = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What tells the entries of a list apart, so that one more does not shift the rest. */
const keys = ['ifname', 'local', 'dst', 'Subnet'];

function keyOf(value: Json, at: number): string {
  if (!isRecord(value)) return String(at);
  const key = keys.map((name) => value[name]).find((each) => typeof each === 'string');
  return typeof key === 'string' ? key : String(at);
}

/** Lists of records become records of records: `link.eth0.mtu`. */
function keyed(value: Json): Json {
  if (Array.isArray(value)) {
    if (!value.some(isRecord)) return value;
    return Object.fromEntries(value.map((each, at) => [keyOf(each, at), keyed(each)]));
  }
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !dropped.has(name));
  return Object.fromEntries(kept.map(([name, each]) => [name, keyed(each)]));
}

/** As it is compared. */
export const normalised = (value: Json, names: Names): Json =>
  JSON.parse(named(JSON.stringify(keyed(value)), names));

export interface Difference {
  /** `networks.app.inspect.IPAM.Config.10.1.0.0/24.Gateway` */
  readonly place: string;
  /** What real Docker has there, and what Seaway has, as JSON; '' where there is nothing. */
  readonly docker: string;
  readonly seaway: string;
}

/** An empty list of records has no fields. */
const asRecord = (value: Json | undefined): Json | undefined =>
  Array.isArray(value) && value.length === 0 ? {} : value;

const written = (value: Json | undefined): string => (value === undefined ? '' : JSON.stringify(value));

export function differencesOf(
  docker: Json | undefined,
  seaway: Json | undefined,
  place = '',
): readonly Difference[] {
  const [theirs, ours] = [asRecord(docker), asRecord(seaway)];
  if (theirs !== undefined && ours !== undefined && isRecord(theirs) && isRecord(ours)) {
    const fields = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
    return [...fields].flatMap((name) =>
      differencesOf(theirs[name], ours[name], place === '' ? name : `${place}.${name}`),
    );
  }
  if (written(docker) === written(seaway)) return [];
  return [{ place, docker: written(docker), seaway: written(seaway) }];
}
