/** Ranges of ports that may enter a network. Those of one container may overlap; the elements of a set may not. */
import type { Bridge } from '../family-input.ts';
import type { OpenPort, PublishedPort } from '../input.ts';
import type { Element, SetName } from './sets.ts';

export interface RangeDoor {
  readonly set: SetName;
  /** Link, address and protocol. */
  readonly to: string;
  readonly first: number;
  readonly last: number;
}

/** Those of one port; none for a single one. */
export function rangeOf(port: OpenPort | PublishedPort, bridge: Bridge): readonly RangeDoor[] {
  const { link, address, protocol, containerPort: first, containerPortEnd: last } = port;
  if (last === undefined) return [];
  const isByState = 'hostPort' in port && bridge.guarded && !bridge.masquerade;
  const door = (set: SetName, from: string): RangeDoor => ({
    ...{ set, first, last },
    to: `${from} . ${address} . ${protocol}`,
  });
  return [
    ...(bridge.mode === 'nat-unprotected' ? [] : [door('door-ranges', link)]),
    ...(isByState ? bridge.trusted.map((from) => door('trusted-ranges', from)) : []),
  ];
}

export function rangeGroups(doors: readonly RangeDoor[]): readonly (readonly Element[])[] {
  const byPlace = Map.groupBy(doors, ({ set, to }) => `${set} ${to}`);
  return Array.from(byPlace.values(), (some) => merged(some).map(elementOf));
}

const elementOf = ({ set, to, first, last }: RangeDoor): Element => ({
  set,
  key: `${to} . ${first === last ? first : `${first}-${last}`}`,
});

function merged(doors: readonly RangeDoor[]): readonly RangeDoor[] {
  const spans: RangeDoor[] = [];
  for (const door of doors.toSorted((a, b) => a.first - b.first)) {
    const before = spans.at(-1);
    if (before && door.first <= before.last + 1)
      spans[spans.length - 1] = { ...before, last: Math.max(before.last, door.last) };
    else spans.push(door);
  }
  return spans;
}
