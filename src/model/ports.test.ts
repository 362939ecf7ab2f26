import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankSandbox } from './blank.ts';
import type { HostConfig, PortBinding } from './container.ts';
import { world } from './fixture.ts';
import type { PortCarrier, PortCarriers } from './port-carriers.ts';
import { choosePorts, isMovable, type PortContext, parsePort } from './ports.ts';
import type { PortMapping } from './sandbox.ts';
import { openSandbox } from './sandboxes.ts';

const dual = ['172.17.0.2/16', 'fd00::2/64'];

interface Case {
  readonly addresses?: readonly string[];
  readonly exposed?: readonly string[];
  readonly publishAll?: boolean;
  readonly context?: Partial<PortContext>;
  readonly carriers?: Partial<Record<4 | 6, Partial<PortCarrier>>>;
  readonly before?: readonly PortMapping[];
}

/** Carriers with these addresses. */
function carriersOf({ addresses = dual, carriers = {} }: Case): PortCarriers {
  const of = (family: 4 | 6): PortCarrier | undefined => {
    const address = addresses.find((one) => one.includes(':') === (family === 6))?.split('/')[0];
    const bindTo = family === 4 ? '0.0.0.0' : '::';
    return address ? { endpointId: 'e1', address, isRouted: false, bindTo, ...carriers[family] } : undefined;
  };
  const [four, six] = [of(4), of(6)];
  return { ...(four && { 4: four }), ...(six && { 6: six }) };
}

function mappings(
  asked: HostConfig['PortBindings'],
  more: Case = {},
  here = world(),
): readonly PortMapping[] {
  const container = here.container(`c${here.model.count('containers')}`, {
    hostConfig: { PortBindings: asked, PublishAllPorts: more.publishAll ?? false },
  });
  const ExposedPorts = Object.fromEntries((more.exposed ?? []).map((port) => [port, {}]));
  const asking = { ...container, config: { ...container.config, ExposedPorts } };
  const request = { container: asking, carriers: carriersOf(more), before: more.before ?? [] };
  return choosePorts(here.model, request, { ...here.sandboxContext, ...more.context });
}

/** What is chosen for a container that asks for these, as `host:port -> address:port/protocol`. */
const chosen = (asked: HostConfig['PortBindings'], more: Case = {}, here = world()): string[] =>
  mappings(asked, more, here).map(
    (port) => `${port.hostIP} ${port.hostPort} -> ${port.address} ${port.containerPort}/${port.protocol}`,
  );

/** A world in which somebody has published these already. */
function busy(...bindings: readonly PortBinding[]) {
  const here = world();
  const other = here.container('other', { hostConfig: { PortBindings: { '9/tcp': bindings } } });
  here.model.apply(openSandbox(here.model, other, here.sandboxContext).changes);
  return here;
}

/** The same, with both families. */
function taken(...bindings: readonly PortBinding[]) {
  const here = world();
  const ports = mappings({ '9/tcp': bindings }, {}, here);
  const other = { ...blankSandbox, id: 'other', containerId: 'other', path: '', hostname: '', ports };
  here.model.apply([{ table: 'sandboxes', put: other }]);
  return here;
}

describe('parsePort', () => {
  it.each([
    ['80', 'tcp', 80],
    ['80/tcp', 'tcp', 80],
    ['1/udp', 'udp', 1],
    ['65535/sctp', 'sctp', 65535],
  ])('reads %s', (key, protocol, containerPort) => {
    expect(parsePort(key)).toEqual({ protocol, containerPort });
  });

  it.each(['', '0', '0/tcp', '65536', '-1', '8e1', ' 80', '80-81', 'http', '/tcp'])('refuses "%s"', (key) => {
    expect(() => parsePort(key)).toThrow(`invalid port specification: "${key}"`);
  });

  it.each(['80/icmp', '80/TCP', '80/'])('refuses the protocol of "%s"', (key) => {
    expect(() => parsePort(key)).toThrow(`invalid protocol "${key.split('/')[1]}"`);
  });
});

describe('what is published', () => {
  it('is bound on all addresses of the families that the endpoint has', () => {
    const asked = { '80/tcp': [{ HostPort: '8080' }] };
    expect(chosen(asked)).toEqual(['0.0.0.0 8080 -> 172.17.0.2 80/tcp', ':: 8080 -> fd00::2 80/tcp']);
    expect(chosen(asked, { addresses: ['fd00::2/64'] })).toEqual([':: 8080 -> fd00::2 80/tcp']);
    expect(chosen(asked, { addresses: [] })).toEqual([]);
  });

  it.each([
    ['127.0.0.1', '127.0.0.1 8080 -> 172.17.0.2 80/tcp'],
    ['::1', '::1 8080 -> fd00::2 80/tcp'],
    ['[::1]', '::1 8080 -> fd00::2 80/tcp'],
    ['0.0.0.0', '0.0.0.0 8080 -> 172.17.0.2 80/tcp'],
  ])('is bound on %s alone where that was asked', (HostIp, expected) => {
    expect(chosen({ '80/tcp': [{ HostIp, HostPort: '8080' }] })).toEqual([expected]);
  });

  it('is bound where the carrier says, where none was asked', () => {
    const asked = { '80/tcp': [{ HostPort: '8080' }] };
    const carriers = { 4: { bindTo: '10.0.0.1' }, 6: { bindTo: '' } };
    expect(chosen(asked, { carriers })).toEqual(['10.0.0.1 8080 -> 172.17.0.2 80/tcp']);
  });

  it('is open and not bound on a routed network, whatever address of the host was asked', () => {
    const carriers = { 6: { isRouted: true, bindTo: '' } };
    expect(chosen({ '80/tcp': [{ HostPort: '8080' }] }, { carriers })).toEqual([
      '0.0.0.0 8080 -> 172.17.0.2 80/tcp',
      ':: 0 -> fd00::2 80/tcp',
    ]);
    const bindings = [{ HostIp: '::1', HostPort: '8080' }];
    const here = busy({ HostPort: '8080' });
    expect(chosen({ '80/tcp': bindings }, { carriers }, here)).toEqual([':: 0 -> fd00::2 80/tcp']);
  });

  it('has one host port for every binding that was asked', () => {
    const bindings = [{ HostPort: '8080' }, { HostIp: '127.0.0.1', HostPort: '9090' }];
    expect(
      chosen({ '80/tcp': bindings, '80/udp': [{ HostPort: '8080' }] }, { addresses: dual.slice(0, 1) }),
    ).toEqual([
      '0.0.0.0 8080 -> 172.17.0.2 80/tcp',
      '127.0.0.1 9090 -> 172.17.0.2 80/tcp',
      '0.0.0.0 8080 -> 172.17.0.2 80/udp',
    ]);
  });

  it('has a dynamic port where none, none at all, or 0 was asked', () => {
    for (const bindings of [[], [{}], [{ HostPort: '' }], [{ HostPort: '0' }]])
      expect(chosen({ '80/tcp': bindings }, { addresses: dual.slice(0, 1) })).toEqual([
        '0.0.0.0 32768 -> 172.17.0.2 80/tcp',
      ]);
  });

  it('is with -P also what is exposed and not published by itself', () => {
    const asked = { '80/tcp': [{ HostPort: '8080' }] };
    const more = { exposed: ['80/tcp', '80/udp'], addresses: dual.slice(0, 1) };
    expect(chosen(asked, more)).toEqual(['0.0.0.0 8080 -> 172.17.0.2 80/tcp']);
    expect(chosen(asked, { ...more, publishAll: true })).toEqual([
      '0.0.0.0 8080 -> 172.17.0.2 80/tcp',
      '0.0.0.0 32768 -> 172.17.0.2 80/udp',
    ]);
  });
});

describe('a dynamic port', () => {
  const one = { addresses: dual.slice(0, 1) };
  const hostPorts = (asked: HostConfig['PortBindings'], more: Case = one, here = world()) =>
    chosen(asked, more, here).map((port) => Number(port.split(' ')[1]));

  it('is drawn, and looked for from there to the end and then from the beginning', () => {
    const { dice } = world().sandboxContext;
    const limits: number[] = [];
    const drawn = { ...dice, below: (limit: number) => limits.push(limit) && 2 };
    const asked = { '1/tcp': [{}], '2/tcp': [{}], '3/tcp': [{}] };
    expect(hostPorts(asked, { ...one, context: { dice: drawn } })).toEqual([32770, 32768, 32769]);
    expect(limits).toEqual([3, 3, 3]);
  });

  it('is none that the host uses for the same protocol, none that is published', () => {
    const occupied = new Set(['tcp/32768', 'udp/32769']);
    expect(hostPorts({ '80/tcp': [{}] }, { ...one, context: { occupied } })).toEqual([32769]);
    expect(hostPorts({ '80/tcp': [{}] }, one, busy({ HostPort: '32768' }))).toEqual([32769]);
    expect(hostPorts({ '80/udp': [{}] }, one, busy({ HostPort: '32768' }))).toEqual([32768]);
  });

  it('is one that is free in both families', () => {
    expect(hostPorts({ '80/tcp': [{}] }, {}, busy({ HostIp: '127.0.0.1', HostPort: '32768' }))).toEqual([
      32769, 32769,
    ]);
  });

  it('is refused when all are taken', () => {
    const here = busy({ HostPort: '32768-32770' });
    expect(() =>
      chosen({ '80/tcp': [{}] }, { context: { occupied: new Set(['tcp/32769', 'tcp/32770']) } }, here),
    ).toThrow('all dynamic ports are allocated');
  });
});

describe('a range of host ports', () => {
  const one = { addresses: dual.slice(0, 1) };

  it('gives the first of it that is free, also within one container', () => {
    const asked = { '80/tcp': [{ HostPort: '8000-8002' }] };
    expect(chosen(asked, one)).toEqual(['0.0.0.0 8000 -> 172.17.0.2 80/tcp']);
    expect(chosen(asked, one, busy({ HostPort: '8000' }))).toEqual(['0.0.0.0 8001 -> 172.17.0.2 80/tcp']);
    const twice = { '80/tcp': [{ HostPort: '8000-8001' }], '81/tcp': [{ HostPort: '8000-8001' }] };
    expect(chosen(twice, one).map((port) => port.split(' ')[1])).toEqual(['8000', '8001']);
  });

  it('is refused with the address that is taken and its first port when none is free', () => {
    const here = busy({ HostIp: '127.0.0.1', HostPort: '8000' }, { HostPort: '8001' });
    expect(() => chosen({ '80/tcp': [{ HostPort: '8000-8001' }] }, one, here)).toThrow(
      'Bind for 0.0.0.0:8000 failed: port is already allocated',
    );
  });

  it.each(['0-1', '2-1', '65535-65536', 'http', '80-', '-80', '1-2-3'])(
    'is refused where it is %s',
    (HostPort) => {
      expect(() => chosen({ '80/tcp': [{ HostPort }] }, one)).toThrow(
        `invalid port specification: "${HostPort}"`,
      );
    },
  );

  it('may reach to both ends of what there is', () => {
    expect(chosen({ '80/tcp': [{ HostPort: '1' }], '81/tcp': [{ HostPort: '65535' }] }, one)).toHaveLength(2);
  });
});

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

  it('is not in its own way, but in that of another wish', () => {
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

describe('the ports of one container', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.2', false],
    ['127.0.0.1', '0.0.0.0', true],
    ['0.0.0.0', '127.0.0.1', true],
    ['::1', '::', true],
    ['::1', '127.0.0.1', false],
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
      HostIp: fc.constantFrom('', '0.0.0.0', '127.0.0.1', '::', '::1'),
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
