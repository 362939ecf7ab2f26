import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { busy, chosen, dual, mappings, taken } from '../../test/model/ports.ts';
import { blankSandbox } from './blank.ts';
import { isMovable } from './ports.ts';
import type { PortMapping } from './sandbox.ts';

describe('a port that was chosen before', () => {
  const asked = {
    '1/tcp': [{}, {}],
    '2/tcp': [{ HostPort: '8000-8003' }],
    '3/tcp': [{ HostIp: '127.0.0.1', HostPort: '9000' }],
  };
  const four = { addresses: dual.slice(0, 1) };
  const here = busy({ HostPort: '32768' }, { HostPort: '8000' });
  const before = mappings(asked, four, here);

  it('is kept, for the other family too', () => {
    const after = mappings(asked, { before }, world());
    const numbers = (ports: readonly PortMapping[]) =>
      ports.map(({ hostIP, hostPort }) => [hostIP, hostPort]);
    expect(numbers(before)).toEqual([
      ['0.0.0.0', 32769],
      ['0.0.0.0', 32770],
      ['0.0.0.0', 8001],
      ['127.0.0.1', 9000],
    ]);
    expect(numbers(after)).toEqual([
      ['0.0.0.0', 32769],
      ['::', 32769],
      ['0.0.0.0', 32770],
      ['::', 32770],
      ['0.0.0.0', 8001],
      ['::', 8001],
      ['127.0.0.1', 9000],
    ]);
  });

  it('is not in its own way, but in that of another spec', () => {
    here.model.apply([
      {
        table: 'sandboxes',
        put: { ...blankSandbox, id: 's', containerId: 'c', path: '', hostname: '', ports: before },
      },
    ]);
    expect(mappings(asked, { ...four, before }, here)).toEqual(before);
    const more = { ...asked, '1/tcp': [{}, {}, {}] };
    expect(() => mappings(more, { ...four, before }, here)).toThrow('all dynamic ports are allocated');
  });

  it('is given up where the other family has it taken, if another would do', () => {
    const six = taken({ HostIp: '::', HostPort: '8001' }, { HostIp: '::', HostPort: '32769' });
    const ports = mappings(asked, { before, context: { dynamic: { first: 32768, last: 32772 } } }, six);
    expect(ports.map(({ hostPort }) => hostPort)).toEqual([32768, 32768, 32770, 32770, 8000, 8000, 9000]);
    const one = mappings({ '1/tcp': [{ HostPort: '80' }] }, four);
    const other = taken({ HostIp: '::', HostPort: '80' });
    expect(() => mappings({ '1/tcp': [{ HostPort: '80' }] }, { before: one }, other)).toThrow(
      'Bind for :::80 failed: port is already allocated',
    );
  });

  it('is free to move where it is dynamic or of a range, and not in use by the host', () => {
    expect(before.map(isMovable)).toEqual([true, true, true, false]);
    const context = { occupied: new Set(['tcp/8001', 'tcp/9000']) };
    expect(mappings(asked, { ...four, before, context }).map(({ hostPort }) => hostPort)).toEqual([
      32769, 32770, 8000, 9000,
    ]);
  });
});

describe('ports that come and go while others stay', () => {
  const asked = {
    '1/tcp': [{}],
    '2/tcp': [{ HostPort: '8000-8003' }],
    '3/udp': [{ HostIp: '127.0.0.1', HostPort: '9000' }],
  };
  const four = { addresses: dual.slice(0, 1) };
  const context = { dynamic: { first: 32768, last: 32772 } };
  const here = world();
  const before = mappings(asked, { ...four, context }, here);
  here.model.apply([
    {
      table: 'sandboxes',
      put: { ...blankSandbox, id: 's', containerId: 'c', path: '', hostname: '', ports: before },
    },
  ]);
  const now = (bindings: Parameters<typeof mappings>[0], had = before) =>
    mappings(bindings, { ...four, context, before: had }, here);
  const numbers = (ports: readonly PortMapping[]) => ports.map(({ hostPort }) => hostPort);

  it('one that comes is chosen, the others do not move', () => {
    expect(numbers(before)).toEqual([32768, 8000, 9000]);
    for (const binding of [{}, { HostPort: '32768-32770' }, { HostPort: '32769' }]) {
      const after = now({ '7/tcp': [binding], ...asked });
      expect(after.slice(1)).toEqual(before);
      expect(numbers(after.slice(0, 1))).toEqual([32769]);
    }
  });

  it('one that comes takes no port away, also where it is listed first', () => {
    const port = (HostPort: string) => () => now({ '7/tcp': [{ HostPort }], ...asked });
    expect(port('32768')).toThrow('Bind for 0.0.0.0:32768 failed: port is already allocated');
    expect(port('8000')).toThrow('port is already allocated');
    expect(numbers(now({ '7/udp': [{ HostPort: '8000' }], ...asked }))).toEqual([8000, 32768, 8000, 9000]);
  });

  it.each(Object.keys(asked))('%s goes, the others do not move', (gone) => {
    const rest = Object.fromEntries(Object.entries(asked).filter(([key]) => key !== gone));
    expect(now(rest)).toEqual(
      before.filter(({ containerPort, protocol }) => `${containerPort}/${protocol}` !== gone),
    );
  });

  it('of two specs that are alike, the one whose port is given up goes', () => {
    const twice = now({ ...asked, '1/tcp': [{}, {}] });
    expect(numbers(twice)).toEqual([32768, 32769, 8000, 9000]);
    const had = twice.filter(({ hostPort }) => hostPort !== 32768);
    expect(numbers(now(asked, had))).toEqual([32769, 8000, 9000]);
  });
});

describe('the ports of one container', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.2', false],
    ['127.0.0.1', '0.0.0.0', true],
    ['0.0.0.0', '127.0.0.1', true],
    ['fd00::9', '::', true],
    ['fd00::9', '127.0.0.1', false],
    ['::', '0.0.0.0', false],
  ])('on %s and on %s stand in each other’s way: %s', (first, second, isTaken) => {
    const asked = {
      '80/tcp': [{ HostIp: first, HostPort: '8080' }],
      '81/tcp': [{ HostIp: second, HostPort: '8080' }],
    };
    if (isTaken)
      expect(() => chosen(asked)).toThrow(`Bind for ${second}:8080 failed: port is already allocated`);
    else expect(chosen(asked)).toHaveLength(2);
  });

  it('are never given twice, whatever is asked', () => {
    const binding = fc.record({
      HostIp: fc.constantFrom('', '0.0.0.0', '127.0.0.1', '::', 'fd00::9'),
      HostPort: fc.constantFrom('', '0', '32768', '32768-32770', '40000-40002'),
    });
    const keys = fc.constantFrom('1/tcp', '2/tcp', '3/udp');
    fc.assert(
      fc.property(fc.dictionary(keys, fc.array(binding, { maxLength: 3 }), { maxKeys: 3 }), (asked) => {
        let ports: string[] = [];
        try {
          ports = chosen(asked);
        } catch (error) {
          expect(String(error)).toMatch(/already allocated|all dynamic ports/);
        }
        const places = ports.map((port) => `${port.split(' ->')[0]}/${port.split('/').pop()}`);
        expect(new Set(places).size).toBe(places.length);
      }),
    );
  });
});
