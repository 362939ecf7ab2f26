import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PortIndex, wildcardOf } from './port-index.ts';
import type { PortMapping, Protocol } from './sandbox.ts';

const mapping = (hostIP: string, hostPort = 80, protocol: Protocol = 'tcp'): PortMapping => ({
  protocol,
  hostIP,
  hostPort,
  containerPort: 8080,
  address: hostIP.includes(':') ? 'fd00::2' : '172.17.0.2',
  endpointId: 'e1',
  asked: { hostIP: '', hostPort: '' },
});

function taken(...ports: readonly PortMapping[]): PortIndex {
  const index = new PortIndex();
  index.take(ports);
  return index;
}

describe('a published port', () => {
  const conflicts: [string, string, string | undefined][] = [
    ['127.0.0.1', '127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '127.0.0.2', undefined],
    ['127.0.0.1', '0.0.0.0', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1', '0.0.0.0'],
    ['0.0.0.0', '0.0.0.0', '0.0.0.0'],
    ['::1', '::1', '::1'],
    ['::1', '::2', undefined],
    ['::1', '::', '::1'],
    ['::', '::1', '::'],
    ['0.0.0.0', '::', undefined],
    ['::', '127.0.0.1', undefined],
    ['127.0.0.1', '::', undefined],
  ];
  it.each(conflicts)('on %s stands in the way of one on %s: %s', (first, second, expected) => {
    expect(taken(mapping(first)).conflict('tcp', second, 80)).toBe(expected);
  });

  it('stands in the way of its own protocol and number only', () => {
    const index = taken(mapping('0.0.0.0', 80, 'tcp'));
    expect(index.conflict('udp', '0.0.0.0', 80)).toBeUndefined();
    expect(index.conflict('tcp', '0.0.0.0', 81)).toBeUndefined();
  });

  it('is found among those of other addresses', () => {
    const index = taken(mapping('::1'), mapping('127.0.0.1'));
    expect(index.conflict('tcp', '0.0.0.0', 80)).toBe('127.0.0.1');
    expect(index.conflict('tcp', '::', 80)).toBe('::1');
  });

  it('is free again when it is given back, and only that one', () => {
    const index = taken(mapping('127.0.0.1'), mapping('127.0.0.2'));
    index.give([mapping('127.0.0.1')]);
    expect(index.conflict('tcp', '127.0.0.1', 80)).toBeUndefined();
    expect(index.conflict('tcp', '127.0.0.2', 80)).toBe('127.0.0.2');
    index.give([mapping('127.0.0.2'), mapping('127.0.0.3')]);
    expect(index.conflict('tcp', '0.0.0.0', 80)).toBeUndefined();
  });

  it('does not stand in the way of its owner, and hides no other', () => {
    const index = taken(mapping('127.0.0.1'), mapping('127.0.0.2'));
    expect(index.conflict('tcp', '127.0.0.1', 80, new Set(['127.0.0.1']))).toBeUndefined();
    expect(index.conflict('tcp', '0.0.0.0', 80, new Set(['127.0.0.1']))).toBe('127.0.0.2');
  });

  it('is none where nothing is bound', () => {
    expect(taken(mapping('0.0.0.0', 0)).conflict('tcp', '0.0.0.0', 0)).toBeUndefined();
  });

  it('conflicts exactly with what overlaps, in any order of taking and giving', () => {
    const address = fc.constantFrom('0.0.0.0', '127.0.0.1', '10.0.0.1', '::', '::1', 'fd00::1');
    fc.assert(
      fc.property(fc.array(fc.tuple(address, fc.boolean()), { maxLength: 20 }), address, (steps, asked) => {
        const index = new PortIndex();
        const held = new Set<string>();
        for (const [hostIP, give] of steps) {
          index[give ? 'give' : 'take']([mapping(hostIP)]);
          held[give ? 'delete' : 'add'](hostIP);
        }
        const overlaps = [...held].filter(
          (other) =>
            wildcardOf(other) === wildcardOf(asked) &&
            (other === asked || [other, asked].includes(wildcardOf(asked))),
        );
        const found = index.conflict('tcp', asked, 80);
        if (overlaps.length === 0) expect(found).toBeUndefined();
        else expect(overlaps).toContain(found);
      }),
    );
  });
});
