import { describe, expect, it } from 'vitest';
import { fail } from '../errors.ts';
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
  const ports = createHostPorts({
    holdPort(_, address, number) {
      if (open.has(number) || others.includes(number)) throw fail('PORT_IN_USE', `${address}:${number}`);
      open.add(number);
      return () => void open.delete(number);
    },
  });
  return { ports, open: () => [...open].toSorted() };
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

  it('are all let go at the end', () => {
    const { ports, open } = hostOf();
    ports.hold('a', [port(1)]);
    ports.hold('b', [port(2)]);
    ports.close();
    expect(open()).toEqual([]);
  });
});
