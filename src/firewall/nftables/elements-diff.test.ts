import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { optionScenarios } from '../../../test/golden/firewall/options.ts';
import { scenarios as usualScenarios } from '../../../test/golden/firewall/scenarios.ts';
import type { PublishedPort } from '../input.ts';
import { Lists } from '../once.ts';
import { elementGroups } from './elements.ts';
import { describeElements, diffElements, encodeChange, sizeOf, touchingEnds } from './elements-diff.ts';
import { describeRaw, encodeElement, type RawElement, rawId } from './encode.ts';
import { Holdings } from './holdings.ts';
import { type Element, elementText, type SetName } from './sets.ts';

const scenarios = [...usualScenarios, ...optionScenarios];
const inputOf = (name: string) => {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (!found) throw new Error(`no scenario ${name}`);
  return found.input;
};

/** What sets hold, by set and `rawId`. */
type Kernel = Map<string, Map<string, RawElement>>;

function apply(kernel: Kernel, change: ReturnType<typeof encodeChange>): void {
  for (const { set, elements } of change.remove)
    for (const raw of elements) expect(kernel.get(set)?.delete(rawId(raw))).toBe(true);
  for (const { set, elements } of change.add) {
    const known = kernel.get(set) ?? new Map<string, RawElement>();
    kernel.set(set, known);
    for (const raw of elements) {
      expect(known.has(rawId(raw))).toBe(false);
      known.set(rawId(raw), raw);
    }
  }
}

const seenOf = (kernel: Kernel) =>
  Array.from(kernel, ([set, elements]) => ({ set, elements: [...elements.values()] }));

describe.each([4, 6] as const)('in IPv%d', (family) => {
  test('steps from record to record lead to what a fresh look wants', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...scenarios), { maxLength: 6 }), (steps) => {
        const [lists, holdings] = [new Lists(), new Holdings()];
        const kernel: Kernel = new Map();
        for (const { input } of steps) {
          const groups = elementGroups(input, family, lists);
          apply(kernel, encodeChange(holdings.compare(groups)));
          holdings.hold(groups);
          const fresh = new Holdings().compare(elementGroups(input, family, new Lists())).add;
          expect(sizeOf(diffElements(seenOf(kernel), fresh))).toBe(0);
          expect(describeElements(holdings.elements(), seenOf(kernel), family)).toEqual([]);
        }
      }),
      { numRuns: 30 },
    );
  });
});

test('what libnftables leaves out are ends of blocks that touch, and what it adds is not counted', () => {
  const block = (key: string): Element => ({ set: 'hidden', key });
  const wanted = ['10.1.0.0/16', '10.2.0.0/16', '10.9.0.0/16'].map(block);
  const ends = touchingEnds(new Set(['hidden']), wanted);
  expect(ends.flatMap(({ elements }) => elements.map(({ key }) => [...key]))).toEqual([[10, 2, 0, 0]]);
  expect(touchingEnds(new Set(['masqueraded']), wanted)).toEqual([]);
  const mark: RawElement = { key: new Uint8Array(4), isEnd: true };
  const elements = [mark, ...wanted.flatMap(encodeElement)];
  expect(sizeOf(diffElements([{ set: 'hidden', elements }], wanted))).toBe(0);
});

test('an element of two records goes with the last of them', () => {
  const shared: Element = { set: 'guarded', key: '172.17.0.2' };
  const [one, two] = [[shared], [shared, { set: 'links', key: 'docker0' } as const]];
  const holdings = new Holdings();
  holdings.hold([one, two]);
  expect(holdings.compare([one])).toMatchObject({ add: [], remove: [{ set: 'links' }] });
  expect(holdings.compare([])).toMatchObject({ remove: [shared, { set: 'links' }] });
  expect(holdings.compare([two, one])).toMatchObject({ add: [], remove: [] });
});

const elements: readonly (readonly [SetName, string, string?])[] = [
  ['published', 'tcp . 8080', '172.17.0.2 . 80'],
  ['published', 'sctp . 1', 'fd00::2 . 65535'],
  ['addressed', '2001:db8::1 . udp . 53', 'fd00::2 . 53'],
  ['published-ranges', 'tcp . 10000-20000', '172.17.0.2'],
  ['door-ranges', 'docker0 . fd00::2 . udp . 1-2'],
  ['homes', '172.17.0.0/16 . docker0'],
  ['segments', 'fd00::/64 . fd01::/64'],
  ['within', 'br-0123456789ab . br-0123456789ab'],
];

test.each(elements.map((one) => ({ one })))('$one', ({ one: [set, key, data] }) => {
  const element: Element = data === undefined ? { set, key } : { set, key, data };
  const [raw, ...more] = encodeElement(element);
  expect(more).toEqual([]);
  expect(raw && describeRaw(set, raw)).toBe(elementText(element));
});

test('a block of a set with one field is its first key and the first behind it', () => {
  const bytes = (key: string) =>
    encodeElement({ set: 'masqueraded', key }).map((raw) => [
      Buffer.from(raw.key).toString('hex'),
      raw.isEnd,
    ]);
  expect(bytes('172.17.0.0/16')).toEqual([
    ['ac110000', undefined],
    ['ac120000', true],
  ]);
  expect(bytes('255.0.0.0/8')).toEqual([['ff000000', undefined]]);
});

test('a range is one element, unless the container has other numbers', () => {
  const input = inputOf('02-port');
  const [port] = input.ports;
  const setsOf = (more: Partial<PublishedPort>): readonly string[] => {
    const ports = port ? [{ ...port, ...more }] : [];
    return elementGroups({ ...input, ports }, 4, new Lists())
      .flat()
      .map(({ set }) => set)
      .filter((set) => /publi|door/.test(set));
  };
  const range = { hostPort: 8000, hostPortEnd: 8003 };
  expect(setsOf({ ...range, containerPort: 8000, containerPortEnd: 8003 })).toEqual([
    'published-ranges',
    'door-ranges',
  ]);
  expect(setsOf({ ...range, containerPort: 80, containerPortEnd: 83 })).toEqual([
    ...['published', 'published', 'published', 'published'],
    'door-ranges',
  ]);
});

test('ranges of one container that overlap are one element', () => {
  const input = inputOf('02-port');
  const [port] = input.ports;
  if (!port) throw new Error('the scenario has no port');
  const range = (containerPort: number, containerPortEnd: number, address = port.address): PublishedPort => ({
    ...{ ...port, address, hostPort: 8000 + containerPort, hostPortEnd: 8000 + containerPortEnd },
    ...{ containerPort, containerPortEnd },
  });
  const ports = [range(80, 90), range(85, 95), range(96, 97), range(200, 201), range(80, 81, '172.17.0.3')];
  const doors = elementGroups({ ...input, ports }, 4, new Lists()).flat();
  expect(doors.filter(({ set }) => set === 'door-ranges').map(({ key }) => key)).toEqual([
    'docker0 . 172.17.0.2 . tcp . 80-97',
    'docker0 . 172.17.0.2 . tcp . 200-201',
    'docker0 . 172.17.0.3 . tcp . 80-81',
  ]);
});

test('what others add or remove is named', () => {
  const wanted: readonly Element[] = [
    { set: 'published', key: 'tcp . 8080', data: '172.17.0.2 . 80' },
    { set: 'masqueraded', key: '172.17.0.0/16' },
  ];
  const seen = [
    { set: 'published', elements: encodeElement({ set: 'published', key: 'tcp . 9', data: '1.2.3.4 . 9' }) },
  ];
  expect(describeElements(wanted, seen, 4)).toEqual([
    'ip seaway published: "tcp . 9 : 1.2.3.4 . 9" was added',
    'ip seaway published: "tcp . 8080 : 172.17.0.2 . 80" was removed',
    'ip seaway masqueraded: "172.17.0.0" was removed',
  ]);
});
