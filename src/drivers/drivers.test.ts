import { describe, expect, it } from 'vitest';
import { completed, withParsed } from '../../test/model/networks.ts';
import { SeawayError } from '../errors.ts';
import { blankNetworkRequest } from '../model/blank.ts';
import type { RequestContext } from '../model/driver.ts';
import type { Network, NetworkRequest } from '../model/network.ts';
import { defaultBridge } from './bridge/default-bridge.ts';
import { driverTable } from './table.ts';

const { find: findDriver } = driverTable();

const request = (
  driver: string,
  options: Record<string, string> = {},
  more: Partial<NetworkRequest> = {},
): NetworkRequest =>
  blankNetworkRequest('n', {
    ...{ driver, options, enableIPv4: true, enableIPv6: false, scope: 'local' },
    ipam: { driver: 'default', options: {}, pools: [] },
    ...more,
  });

const existing = (driver: string, options: Record<string, string>): Network => {
  const { scope: _, ...rest } = request(driver, options);
  return withParsed({
    ...rest,
    id: 'ab12cd34ef56ab12cd34',
    created: '',
    scope: 'local',
    enableIPv4: true,
    enableIPv6: false,
    ipam: { driver: 'default', options: {}, pools: [] },
    link: '',
    predefined: false,
  });
};

const context = (networks: readonly Network[] = []): RequestContext => ({
  networks,
  facts: { uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true },
  hasLink: (name) => ['lo', 'up0'].includes(name),
});

function refusal(asked: NetworkRequest, networks: readonly Network[] = []): string {
  try {
    findDriver(asked.driver).validate(completed(asked), context(networks));
    return 'accepted';
  } catch (error) {
    return error instanceof SeawayError ? `${error.status} ${error.message}` : String(error);
  }
}

const bridgeOption = (name: string, value: string) => ({ [`com.docker.network.bridge.${name}`]: value });

describe('the registry', () => {
  it('has the drivers that docker info lists', () => {
    expect([...driverTable().names].sort()).toEqual([
      'bridge',
      'host',
      'ipvlan',
      'macvlan',
      'null',
      'overlay',
    ]);
  });

  it('takes any other name for that of a plugin, whose networks are not made without asking it', () => {
    const facts = { uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true };
    const context = { networks: [], facts, hasLink: () => false };
    expect(() => findDriver('nope').validate(completed(request('nope')), context)).toThrow(
      'plugin "nope" not found',
    );
    expect(
      findDriver('nope').leadsOut({ network: {} as Network, answers: { gateway4: '10.0.0.1' } }, 4),
    ).toBe(true);
  });
});

describe('the bridge driver', () => {
  const syntax = (call: string, value: string): string =>
    `strconv.${call}: parsing "${value}": invalid syntax`;

  it.each([
    [
      bridgeOption('enable_icc', 'maybe'),
      `400 failed to parse com.docker.network.bridge.enable_icc value: maybe (${syntax('ParseBool', 'maybe')})`,
    ],
    [
      bridgeOption('inhibit_ipv4', 'zz'),
      `400 failed to parse com.docker.network.bridge.inhibit_ipv4 value: zz (${syntax('ParseBool', 'zz')})`,
    ],
    [
      bridgeOption('host_binding_ipv4', '1.2.3'),
      '400 failed to parse com.docker.network.bridge.host_binding_ipv4 value: 1.2.3 (nil ip)',
    ],
    [
      bridgeOption('gateway_mode_ipv4', 'foo'),
      '400 failed to parse com.docker.network.bridge.gateway_mode_ipv4 value: foo (unknown gateway mode foo)',
    ],
    [
      { 'com.docker.network.driver.mtu': 'abc' },
      `400 failed to parse com.docker.network.driver.mtu value: abc (${syntax('Atoi', 'abc')})`,
    ],
    [{ 'com.docker.network.driver.mtu': '-5' }, '400 invalid MTU number: -5'],
    [{ 'com.docker.network.driver.mtu': '67' }, '400 invalid MTU number: 67'],
    [
      bridgeOption('name', 'a/b'),
      '400 invalid bridge name "a/b": not a link name that firewall rules can match',
    ],
    [
      bridgeOption('name', 'averyveryverylongname'),
      '400 invalid bridge name "averyveryverylongname": not a link name that firewall rules can match',
    ],
    [
      bridgeOption('gateway_mode_ipv6', 'isolated'),
      "400 gateway mode 'isolated' can only be used for an internal network",
    ],
    [
      { 'com.docker.network.container_iface_prefix': 'much-too-long-prefix' },
      '400 invalid com.docker.network.container_iface_prefix value: much-too-long-prefix: not the start of a link name',
    ],
  ])('refuses %j', (options, why) => {
    expect(refusal(request('bridge', options))).toBe(why);
  });

  it.each([
    [{}],
    [bridgeOption('unheard_of', 'x')],
    [{ foo: 'bar' }],
    [bridgeOption('enable_icc', 'F')],
    [{ 'com.docker.network.driver.mtu': '0' }],
  ])('accepts %j', (options) => {
    expect(refusal(request('bridge', options))).toBe('accepted');
  });

  it('refuses an MTU that is too small for IPv6', () => {
    const options = { 'com.docker.network.driver.mtu': '1200' };
    expect(refusal(request('bridge', options, { enableIPv6: true }))).toContain('invalid MTU number: 1200');
  });

  it('refuses a bridge that another network has', () => {
    const other = existing('bridge', bridgeOption('name', 'br0'));
    expect(refusal(request('bridge', bridgeOption('name', 'br0')), [other])).toBe(
      `403 cannot create network n (br0): conflicts with network ${other.id} (br0): networks have same bridge name`,
    );
  });

  it('names links by ids, within what a link name has room for', () => {
    const driver = findDriver('bridge');
    expect(driver.linkName('ab12cd34ef56ab12', driver.parse({}))).toBe('br-ab12cd34ef56');
    expect(driver.linkName('ab12cd34ef56ab12', driver.parse(bridgeOption('name', 'br0')))).toBe('br0');
    expect(driver.endpointShape(existing('bridge', {}), { id: 'ab12cd34ef56ab12', ifname: '' })).toEqual({
      ifname: '',
      ifPrefix: 'eth',
      hostLink: 'vethab12cd34ef5',
      mac: true,
    });
  });

  it('has the options that inspect shows of the default bridge', () => {
    const config = { name: '', icc: true, ipMasq: true, mtu: 0, ip: '', ipv6: false };
    expect(defaultBridge(config, { uplinkMtu: 1500 })).toEqual({
      link: 'docker0',
      options: {
        'com.docker.network.bridge.default_bridge': 'true',
        'com.docker.network.bridge.enable_icc': 'true',
        'com.docker.network.bridge.enable_ip_masquerade': 'true',
        'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
        'com.docker.network.bridge.name': 'docker0',
        'com.docker.network.driver.mtu': '1500',
      },
    });
  });
});

describe('the macvlan driver', () => {
  it.each([
    [
      { parent: 'up0', macvlan_mode: 'nope' },
      "400 requested macvlan mode 'nope' is not valid, 'bridge' mode is the macvlan driver default",
    ],
    [{ parent: 'lo' }, '400 loopback interface is not a valid macvlan parent link'],
    [{ parent: 'nolink' }, '400 invalid subinterface vlan name nolink, example formatting is eth0.10'],
    [{ parent: 'up0.x' }, '400 unable to parse a valid vlan id from: x (ex. eth0.10 for vlan 10)'],
    [{ parent: 'up0.99999' }, '400 vlan id must be between 1-4094, received: 99999'],
    [{ parent: 'up7.5' }, '400 -o parent interface was not found on the host: up7'],
    [{ parent: 'up0.50' }, 'accepted'],
    [{ parent: 'up0', macvlan_mode: 'passthru' }, 'accepted'],
    [{}, 'accepted'],
  ])('%j: %s', (options, expected) => {
    expect(refusal(request('macvlan', options))).toBe(expected);
  });

  it('has one endpoint in mode passthru', () => {
    const passthru = existing('macvlan', { parent: 'up0', macvlan_mode: 'passthru' });
    const shape = (count: number) => () =>
      findDriver('macvlan').endpointShape(passthru, {
        id: 'ab',
        ifname: '',
        loads: new Map([['', count]]),
      });
    expect(shape(0)).not.toThrow();
    expect(shape(1)).toThrow(
      'network n is in mode passthru: its parent up0 belongs to the endpoint that it has',
    );
  });

  it('shares a parent, but not in mode passthru', () => {
    const other = existing('macvlan', { parent: 'up0' });
    const passthru = existing('macvlan', { parent: 'up0', macvlan_mode: 'passthru' });
    expect(refusal(request('macvlan', { parent: 'up0' }), [other])).toBe('accepted');
    expect(refusal(request('macvlan', { parent: 'up0', macvlan_mode: 'passthru' }), [other])).toBe(
      '403 cannot use mode passthru, macvlan network ab12cd34ef56 is already using parent interface up0',
    );
    expect(refusal(request('macvlan', { parent: 'up0' }), [passthru])).toContain('in mode passthru');
  });
});

describe('the ipvlan driver', () => {
  it.each([
    [
      { parent: 'up0', ipvlan_mode: 'nope' },
      "400 requested ipvlan mode 'nope' is not valid, 'l2' mode is the ipvlan driver default",
    ],
    [
      { parent: 'up0', ipvlan_flag: 'nope' },
      "400 requested ipvlan flag 'nope' is not valid, 'bridge' is the ipvlan driver default",
    ],
    [{ parent: 'up0', ipvlan_mode: 'l3s' }, 'accepted'],
  ])('%j: %s', (options, expected) => {
    expect(refusal(request('ipvlan', options))).toBe(expected);
  });

  it('does not share its parent', () => {
    expect(refusal(request('ipvlan', { parent: 'up0' }), [existing('ipvlan', { parent: 'up0' })])).toBe(
      '403 network di-ab12cd34ef56 is already using parent interface up0',
    );
  });

  it('leads out without a gateway in an L3 mode', () => {
    const driver = findDriver('ipvlan');
    expect(driver.leadsOut({ network: existing('ipvlan', { parent: 'up0', ipvlan_mode: 'l3' }) }, 4)).toBe(
      true,
    );
    expect(driver.leadsOut({ network: existing('ipvlan', { parent: 'up0' }) }, 4)).toBe(false);
    expect(driver.wantsGateway(completed(request('ipvlan', { ipvlan_mode: 'l3' })), 4)).toBe(false);
  });
});

describe('the drivers of one network', () => {
  it.each(['host', 'null'])('%s has one instance only', (name) => {
    expect(refusal(request(name))).toBe(`403 only one instance of "${name}" network is allowed`);
  });

  it('overlay wants a swarm', () => {
    expect(refusal(request('overlay'))).toContain('403 This node is not a swarm manager');
  });
});
