import { describe, expect, it } from 'vitest';
import { fail } from '../errors.ts';
import { RangeRefused } from '../kernel/flows.ts';
import type { PortMapping } from '../model/sandbox.ts';
import { createHostPorts, PortRefused } from './host-ports.ts';

const port = (hostPort: number): PortMapping => ({
  protocol: 'tcp',
  hostIP: '0.0.0.0',
  hostPort,
  containerPort: 80,
  address: '172.17.0.2',
  endpointId: 'e',
  asked: { hostIP: '', hostPort: '' },
});

/** A host on which somebody else has some of the ports. */
function hostOf(others: readonly number[] = []) {
  const open = new Set<number>();
  const ranges: string[] = [];
  const ports = createHostPorts({
    openHeld: () => undefined,
    holdPort(_, address, number) {
      if (open.has(number) || others.includes(number)) throw fail('PORT_IN_USE', `${address}:${number}`);
      open.add(number);
      return () => void open.delete(number);
    },
    holdRange({ address, first, last }) {
      const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      const taken = all.find((one) => open.has(one) || others.includes(one));
      if (taken !== undefined) throw new RangeRefused(taken, fail('PORT_IN_USE', `${address}:${taken}`));
      for (const one of all) open.add(one);
      ranges.push(`${first}-${last}`);
      return {
        release(gone) {
          for (const one of gone) open.delete(one);
        },
      };
    },
  });
  return { ranges, ports, open: () => [...open].toSorted() };
}

describe('held ports', () => {
  it('are those of the last call, and none when they are let go', () => {
    const { ports, open } = hostOf();
    ports.hold('a', [port(1), port(2)]);
    ports.hold('a', [port(2), port(3)]);
    expect(open()).toEqual([2, 3]);
    ports.letGo('a');
    expect(open()).toEqual([]);
  });

  it('are all let go when one of them is taken', () => {
    const { ports, open } = hostOf([2]);
    expect(() => ports.hold('a', [port(1), port(2)])).toThrow(
      'failed to bind host port for 0.0.0.0:2:172.17.0.2:80/tcp: address already in use',
    );
    expect(open()).toEqual([]);
  });

  it('are those of before when one of the next is taken', () => {
    const { ports, open } = hostOf([3]);
    ports.hold('a', [port(1), port(2)]);
    expect(() => ports.hold('a', [port(2), port(4), port(3)])).toThrow(PortRefused);
    expect(open()).toEqual([1, 2]);
    ports.letGo('a');
    expect(open()).toEqual([]);
  });

  it('are none where nothing is bound on the host', () => {
    const { ports, open } = hostOf();
    ports.hold('a', [port(0), port(1)]);
    expect(open()).toEqual([1]);
  });

  it('are handed over to the sandbox that has them next', () => {
    const { ports, open } = hostOf();
    ports.hold('a', [port(1), port(2)]);
    ports.hold('b', [port(1)]);
    ports.letGo('a');
    expect(open()).toEqual([1]);
    ports.letGo('b');
    expect(open()).toEqual([]);
  });

  it('are held as ranges where neighbours are many, and given up one by one', () => {
    const { ports, open, ranges } = hostOf([200]);
    const many = Array.from({ length: 100 }, (_, index) => port(50 + index));
    ports.hold('a', [port(1), ...many, port(160)]);
    expect(ranges).toEqual(['50-149']);
    ports.hold('a', [...many.slice(0, 70), ...many.slice(71)]);
    expect(ranges).toEqual(['50-149']);
    expect(open()).toEqual(
      many
        .map(({ hostPort }) => hostPort)
        .filter((one) => one !== 120)
        .toSorted(),
    );
    const more = Array.from({ length: 100 }, (_, index) => port(150 + index));
    expect(() => ports.hold('a', [...many, ...more])).toThrow(
      'failed to bind host port for 0.0.0.0:200:172.17.0.2:80/tcp: address already in use',
    );
    expect(open()).toHaveLength(99);
    ports.letGo('a');
    expect(open()).toEqual([]);
  });

  it('are refused with the reason of the kernel', () => {
    const ports = createHostPorts({
      holdPort: () => {
        throw fail('KERNEL', 'bind host port', 'Too many open files (EMFILE)');
      },
      openHeld: () => undefined,
      holdRange: () => {
        throw new Error('no range is asked for');
      },
    });
    expect(() => ports.hold('a', [port(1)])).toThrow(/0\.0\.0\.0:1:.*Too many open files \(EMFILE\)/);
  });

  it('are held again by who had them before the next one', () => {
    const { ports, open } = hostOf([3]);
    const [one, two] = [port(1), port(2)];
    ports.hold('a', [one, two]);
    expect(() => ports.hold('b', [port(1), port(3)])).toThrow(PortRefused);
    ports.hold('a', [one, two]);
    expect(open()).toEqual([1, 2]);
    ports.letGo('b');
    expect(open()).toEqual([1, 2]);
  });

  it('are prepared in turns, taken over, and let go where they are not', async () => {
    const { ports, open, ranges } = hostOf();
    const places = Array.from({ length: 1200 }, (_, n) => port(1000 + n));
    const letGo = await ports.prepare(places);
    expect(ranges).toEqual(['1000-1499', '1500-1999', '2000-2199']);
    ports.hold('a', places.slice(0, 700));
    expect(ranges).toHaveLength(3);
    expect(open()).toHaveLength(1200);
    letGo();
    expect(open()).toHaveLength(700);
    ports.hold('a', places.slice(0, 1));
    expect(open()).toEqual([1000]);
  });

  it('are prepared only as far as they are free', async () => {
    const { ports, open } = hostOf([1700]);
    ports.hold('a', [port(1001)]);
    const letGo = await ports.prepare(Array.from({ length: 1200 }, (_, n) => port(1000 + n)));
    expect(open()).toHaveLength(500);
    letGo();
    expect(open()).toEqual([1001]);
    ports.letGo('a');
    expect(open()).toEqual([]);
  });

  it('are all let go at the end', () => {
    const { ports, open } = hostOf();
    ports.hold('a', [port(1)]);
    ports.hold('b', [port(2)]);
    ports.close();
    expect(open()).toEqual([]);
  });
});

describe('a port that another process passes on', () => {
  const relayed = (hostPort: number): PortMapping => ({
    ...port(hostPort),
    hostIP: '::',
    address: '172.17.0.2',
  });

  /** Ports that are bound, and those that the other process has. */
  function relaying(bound: Set<number>, others: ReadonlySet<number>) {
    const refuse = (): never => {
      throw new Error('not by this');
    };
    return createHostPorts(
      {
        holdPort: refuse,
        holdRange: refuse,
        openHeld({ address, port: number }) {
          if (bound.has(number)) throw fail('PORT_IN_USE', `${address}:${number}`);
          bound.add(number);
          return { fd: number, close: () => void bound.delete(number) };
        },
      },
      { serves: ({ hostPort }) => others.has(hostPort) },
    );
  }

  it('is held by a socket that can be handed over, and let go with it', () => {
    const bound = new Set<number>();
    const ports = relaying(bound, new Set());
    ports.hold('a', [relayed(7)]);
    expect(ports.descriptorOf(relayed(7))).toBe(7);
    expect(ports.descriptorOf(relayed(8))).toBeUndefined();
    ports.letGo('a');
    expect(bound.size).toBe(0);
  });

  it('counts as held where the process has its socket, and is bound again once that is gone', () => {
    const bound = new Set([7]);
    const ports = relaying(bound, new Set([7]));
    ports.hold('a', [relayed(7)]);
    bound.clear();
    expect(ports.descriptorOf(relayed(7))).toBe(7);
    expect(() => relaying(new Set([8]), new Set()).hold('a', [relayed(8)])).toThrow('address already in use');
  });

  it('of a long range is one of many beyond the first', () => {
    const bound = new Set<number>();
    const all = Array.from({ length: 300 }, (_, index) => relayed(index + 1));
    expect(() => relaying(bound, new Set()).hold('a', all)).toThrow('not by this');
    expect(bound.size).toBe(0);
  });

  it('is not prepared as one of a range, out of which it would have to be taken again', async () => {
    const ranges: string[] = [];
    const opened: number[] = [];
    const ports = createHostPorts(
      {
        holdPort: () => () => undefined,
        holdRange: ({ first, last }) => {
          ranges.push(`${first}-${last}`);
          return { release: () => undefined };
        },
        openHeld: ({ port: number }) => {
          opened.push(number);
          return { fd: number, close: () => undefined };
        },
      },
      { serves: () => false },
    );
    const all = Array.from({ length: 400 }, (_, index) => relayed(index + 1));
    const letGo = await ports.prepare(all);
    expect([ranges, opened]).toEqual([['257-400'], []]);
    ports.hold('a', all);
    letGo();
    expect(opened).toHaveLength(256);
    expect(ports.descriptorOf(relayed(1))).toBe(1);
    expect([ranges.length, opened.length]).toEqual([1, 256]);
  });
});
