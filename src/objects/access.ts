/** Rules for the flows of a namespace. The name of an empty chain in their table has their hash. */
import { createHash } from 'node:crypto';
import { compareFields, type Kind } from './kind.ts';
import type { AccessObject, AccessPorts, AccessRemote, AccessRule } from './object.ts';
import { ranks } from './ranks.ts';

const hash = (text: string, digits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);

export const accessDigest = ({ ingress, egress }: Pick<AccessObject, 'ingress' | 'egress'>): string =>
  hash(JSON.stringify([ingress ?? null, egress ?? null]), 16);

/** A hash of a pattern of names, for the names of its sets. */
export const patternKey = (pattern: string): string => hash(pattern, 16);

/** The patterns of names in a namespace's rules. */
export const patternsOf = ({ egress = [] }: Pick<AccessObject, 'egress'>): readonly string[] => [
  ...new Set(egress.flatMap(({ remote }) => (remote.to === 'name' ? [remote.pattern] : []))),
];

const portsText = ({ protocol, first, last }: AccessPorts): string =>
  protocol === 'icmp' ? protocol : `${first === last ? first : `${first}-${last}`}/${protocol}`;

const remoteText = (remote: AccessRemote): string => {
  if (remote.to === 'any') return 'any';
  if (remote.to === 'name') return `names ${remote.pattern}`;
  const blocks = remote.blocks.join(', ') || 'nobody';
  return remote.to === 'others' ? `all but ${blocks}` : blocks;
};

const line =
  (direction: string, preposition: string) =>
  ({ verdict, local, remote, ports }: AccessRule): string =>
    [
      `${direction} ${verdict} ${preposition} ${remoteText(remote)}`,
      ...(ports.length > 0 ? [`ports ${ports.map(portsText).join(', ')}`] : []),
      ...(local.length > 0 ? [`at ${local.join(', ')}`] : []),
    ].join(' ');

export const access: Kind<'access'> = {
  key: ({ ns }) => `${ns}/access`,
  rank: () => ranks.access,
  print: ({ ingress = [], egress = [] }) => [
    ...ingress.map(line('ingress', 'from')),
    ...egress.map(line('egress', 'to')),
  ],
  differences: (desired, { digest }) => compareFields({ digest: [accessDigest(desired), digest] }, true),
  removable: () => true,
  goesWith: () => [],
};
