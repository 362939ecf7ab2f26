import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { defaultPools, ulaPool } from '../ipam/choose-pool.ts';
import type { NetworkRequest } from './network.ts';
import { removeNetwork } from './networks.ts';
import { openSandbox } from './sandboxes.ts';

const pool = (subnet: string, more: object = {}) => ({ subnet, auxAddresses: {}, ...more });
const ipam = (...pools: readonly ReturnType<typeof pool>[]): NetworkRequest['ipam'] => ({
  driver: '',
  options: {},
  pools,
});

const subnetsOf = (request: Partial<NetworkRequest>) =>
  world()
    .network('net', request)
    .ipam.pools.map(({ subnet, gateway }) => [subnet, gateway]);

describe('the name of a network', () => {
  it.each(['', ' ', 'a b', 'a\tb', ' a'])('is not "%s"', (name) => {
    expect(() => world().network(name)).toThrow('invalid network name');
  });

  it.each(['bridge', 'host', 'none', 'default'])('is not %s, which is the engine’s own', (name) => {
    expect(() => world().network(name)).toThrow(expect.objectContaining({ code: 'NETWORK_NAME_PREDEFINED' }));
  });

  it('is that of one network', () => {
    const here = world();
    here.network('net');
    expect(() => here.network('net')).toThrow('network with name net already exists');
  });
});

describe('the pools of a network', () => {
  it.each<[string, Partial<NetworkRequest>, string[][]]>([
    ['IPv4 alone', {}, [['172.18.0.0/16', '172.18.0.1']]],
    ['what was asked', { ipam: ipam(pool('10.1.0.0/24')) }, [['10.1.0.0/24', '10.1.0.1']]],
    [
      'what was asked, with another gateway',
      { ipam: ipam(pool('10.1.0.0/24', { gateway: '10.1.0.254' })) },
      [['10.1.0.0/24', '10.1.0.254']],
    ],
    [
      'several of one family',
      { ipam: ipam(pool('10.1.0.0/24'), pool('10.2.0.0/24')) },
      [
        ['10.1.0.0/24', '10.1.0.1'],
        ['10.2.0.0/24', '10.2.0.1'],
      ],
    ],
    [
      'IPv6 alone',
      { enableIPv4: false, enableIPv6: true, ipam: ipam(pool('fd01::/64')) },
      [['fd01::/64', 'fd01::1']],
    ],
    [
      'one chosen beside one that was asked',
      { enableIPv6: true, ipam: ipam(pool('fd01::/64')) },
      [
        ['172.18.0.0/16', '172.18.0.1'],
        ['fd01::/64', 'fd01::1'],
      ],
    ],
    [
      'without one of a family that is not enabled',
      { ipam: ipam(pool('10.1.0.0/24'), pool('fd01::1/64')) },
      [['10.1.0.0/24', '10.1.0.1']],
    ],
    [
      'chosen where only another family was asked',
      { ipam: ipam(pool('fd01::/64')) },
      [['172.18.0.0/16', '172.18.0.1']],
    ],
  ])('are %s', (_case, request, expected) => {
    expect(subnetsOf(request).sort()).toEqual(expected);
  });

  it('are chosen for IPv6 too where that is wanted', () => {
    const here = world();
    const pools = [...here.networkContext.pools, { base: 'fd55::/48', size: 64 }];
    Object.assign(here.networkContext, { pools });
    const subnets = here.network('net', { enableIPv6: true }).ipam.pools.map(({ subnet }) => subnet);
    expect(subnets).toEqual(['172.18.0.0/16', 'fd55::/64']);
  });

  it.each<[Partial<NetworkRequest>, string]>([
    [{ ipam: ipam(pool('172.17.5.0/24')) }, 'Pool overlaps with other one on this address space'],
    [{ enableIPv4: false }, 'IPv4 or IPv6 must be enabled'],
    [{ enableIPv6: true, ipam: ipam(pool('::ffff:10.1.0.0/120')) }, 'as IPv4: 10.1.0.0/24'],
    [{ ipam: { ...ipam(), driver: 'mine' } }, 'plugin "mine" not found'],
    [{ driver: 'host' }, 'only one instance of "host" network is allowed'],
    [{ driver: 'mine' }, 'plugin "mine" not found'],
  ])('cannot be had with %j', (request, message) => {
    expect(() => world().network('net', request)).toThrow(message);
  });
});

describe('a pool without a subnet', () => {
  it('may say how large it is to be', () => {
    expect(subnetsOf({ ipam: ipam(pool('0.0.0.0/24')) })).toEqual([['172.18.0.0/24', '172.18.0.1']]);
  });

  it('cannot have a gateway or a range', () => {
    const hint = 'every ip-range or gateway must have a corresponding subnet';
    for (const more of [{ gateway: '10.1.0.1' }, { ipRange: '10.1.0.0/25' }])
      expect(() => subnetsOf({ ipam: ipam(pool('', more)) })).toThrow(hint);
    expect(subnetsOf({ ipam: ipam(pool('')) })).toEqual([['172.18.0.0/16', '172.18.0.1']]);
  });
});

describe('a network from a configuration', () => {
  it('has no options and no pools of its own', () => {
    const here = world();
    here.network('conf', { configOnly: true, options: { parent: 'up0' }, labels: { a: 'b' } });
    const from = (more: Partial<NetworkRequest>) => here.network('net', { configFrom: 'conf', ...more });
    expect(() => from({ options: { a: 'b' } })).toThrow('network driver options are not supported');
    expect(() => from({ ipam: ipam(pool('10.1.0.0/24')) })).toThrow(
      'user specified configurations are not supported',
    );
    expect(() => from({ labels: { c: 'd' } })).toThrow('user specified configurations are not supported');
    expect(from({ internal: true })).toMatchObject({
      options: { parent: 'up0' },
      labels: { a: 'b' },
      internal: true,
    });
  });

  it('needs one that is there', () => {
    const here = world();
    here.network('plain');
    for (const configFrom of ['gone', 'plain'])
      expect(() => here.network('net', { configFrom })).toThrow(
        expect.objectContaining({ code: 'NETWORK_CONFIG_NOT_FOUND' }),
      );
  });
});

describe('options that every driver has', () => {
  it.each([
    [{ 'com.docker.network.advertise_addr_nmsgs': '9' }],
    [{ 'com.docker.network.advertise_addr_ms': '5' }],
    [{ 'seaway.host_names': 'maybe' }],
  ])('are checked when the network is made: %j', (options) => {
    expect(() => world().network('net', { options })).toThrow(Object.keys(options)[0]);
  });
});

describe('the families of a network', () => {
  const pools = [...defaultPools, ulaPool('here')];
  const key = (family: 4 | 6): string => `com.docker.network.enable_ipv${family}`;
  const made = (more: Partial<NetworkRequest>, engine: Record<string, string> = {}) => {
    const here = world();
    Object.assign(here.networkContext, { pools, defaultOptions: { bridge: engine } });
    const { enableIPv4, enableIPv6, options } = here.network('net', more);
    return [enableIPv4, enableIPv6, options];
  };

  it('follow the option, asked for or of the engine', () => {
    expect(made({}, { [key(6)]: 'true' })).toEqual([true, true, { [key(6)]: 'true' }]);
    expect(made({ options: { [key(6)]: 'false' } }, { [key(6)]: 'true' })).toEqual([
      true,
      false,
      { [key(6)]: 'false' },
    ]);
    const six = { [key(4)]: '0', [key(6)]: '1' };
    expect(made({ options: six })).toEqual([false, true, six]);
  });

  it('follow the flag, which takes the option away', () => {
    expect(made({ enableIPv6: false }, { [key(6)]: 'true' })).toEqual([true, false, {}]);
    expect(made({ enableIPv4: true, options: { [key(4)]: 'false' } })).toEqual([true, false, {}]);
  });

  it('are taken over from a configuration', () => {
    const here = world();
    Object.assign(here.networkContext, { pools });
    here.network('conf', { configOnly: true, options: { [key(6)]: 'true' } });
    const { enableIPv6, options } = here.network('net', { configFrom: 'conf' });
    expect([enableIPv6, options]).toEqual([true, { [key(6)]: 'true' }]);
  });

  it('are refused in Docker’s words', () => {
    for (const value of ['', 'maybe'])
      expect(() => made({ options: { [key(4)]: value } })).toThrow(
        `driver-opt "${key(4)}" is not a valid bool`,
      );
    expect(() => made({ options: { [key(4)]: 'false' } })).toThrow('IPv4 or IPv6 must be enabled');
  });
});

describe('the record of a network', () => {
  it('says what was left open', () => {
    const made = world().network('net', { options: { parent: 'x' }, labels: { a: 'b' }, internal: true });
    expect(made).toMatchObject({
      name: 'net',
      driver: 'bridge',
      enableIPv4: true,
      enableIPv6: false,
      internal: true,
      attachable: false,
      configOnly: false,
      predefined: false,
      labels: { a: 'b' },
      options: { parent: 'x' },
      created: '2026-01-02T03:04:05.000000006Z',
    });
    expect(made.ipam.driver).toBe('default');
    expect(made.link).toBe(`br-${made.id.slice(0, 12)}`);
  });

  it('has the engine’s options for its driver, where others were not asked', () => {
    const here = world();
    const defaultOptions = { bridge: { a: 'engine', b: 'engine' } };
    Object.assign(here.networkContext, { defaultOptions });
    expect(here.network('net', { options: { b: 'mine' } }).options).toEqual({ a: 'engine', b: 'mine' });
  });

  it('of a configuration has no driver’s link', () => {
    const made = world().network('conf', { configOnly: true });
    expect([made.driver, made.link, made.ipam.pools, made.configOnly]).toEqual(['null', '', [], true]);
  });
});

describe('removing a network', () => {
  it('takes its record away and frees its addresses', () => {
    const here = world();
    const made = here.network('net');
    here.model.apply(removeNetwork(here.model, made));
    expect(here.model.networkByName('net')).toBeUndefined();
    expect(here.network('next').ipam.pools[0]?.subnet).toBe(made.ipam.pools[0]?.subnet);
  });

  it('is refused for the engine’s own networks', () => {
    const { model } = world();
    for (const name of ['bridge', 'host', 'none']) {
      const network = model.networkByName(name);
      if (!network) throw new Error(`no network ${name}`);
      expect(() => removeNetwork(model, network)).toThrow(
        `${name} is a pre-defined network and cannot be removed`,
      );
    }
  });

  it('takes a configuration away that no network is made from, whatever others there are', () => {
    const here = world();
    const conf = here.network('conf', { configOnly: true });
    here.network('mine', { configFrom: 'conf' });
    const idle = here.network('idle', { configOnly: true });
    expect(removeNetwork(here.model, idle)).toEqual([{ table: 'networks', remove: idle.id }]);
    expect(() => removeNetwork(here.model, conf)).toThrow(
      expect.objectContaining({ code: 'NETWORK_CONFIG_IN_USE' }),
    );
  });

  it('is refused while somebody is on it, who is named', () => {
    const here = world();
    const made = here.network('net');
    const web = here.container('web', { hostConfig: { NetworkMode: 'net' } });
    here.model.apply(openSandbox(here.model, web, here.sandboxContext).changes);
    const [endpoint] = here.model.endpointsOfNetwork(made.id);
    expect(() => removeNetwork(here.model, made)).toThrow(
      `has active endpoints (name:"web" id:"${endpoint?.id.slice(0, 12)}")`,
    );
  });
});
