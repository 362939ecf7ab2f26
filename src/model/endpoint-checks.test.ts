import { describe, expect, test } from 'vitest';
import { plainNetwork } from '../../test/model/networks.ts';
import { driverTable } from '../drivers/table.ts';
import { blankEndpointSpec } from './blank.ts';
import type { EndpointSpec } from './endpoint.ts';
import { checkEndpointSpec, checkEndpointSpecs, checkTogether } from './endpoint-checks.ts';
import { Model } from './memory.ts';
import type { Network } from './network.ts';

const net: Network = {
  ...plainNetwork,
  id: 'a'.repeat(64),
  name: 'net',
  created: '',
  ipam: { driver: 'default', options: {}, pools: [{ subnet: '10.1.0.0/24', auxAddresses: {} }] },
};

const refusal = (spec: Partial<EndpointSpec>, network: Network | 'missing' = net): string => {
  try {
    checkEndpointSpec(
      network === 'missing' ? undefined : network,
      blankEndpointSpec(spec.network ?? 'net', spec),
    );
    return '';
  } catch (error) {
    return (error as Error).message.replace(/^invalid endpoint settings:\n/, '');
  }
};

const both = (text: string): string =>
  `* invalid IPv4 address: ${text}\n* no configured subnet or ip-range contain the IP address ${text}`;

describe('what is asked of a place in a network', () => {
  test.each<[Partial<EndpointSpec>, string]>([
    [{ ipv4: '10.1.0.9' }, ''],
    [{ aliases: ['db'], mac: '02:11:22:33:44:55', linkLocal: ['169.254.1.1', 'fe80::9'] }, ''],
    [{ ipv4: '10.2.0.9' }, 'no configured subnet or ip-range contain the IP address 10.2.0.9'],
    [{ ipv4: '::ffff:10.1.0.9' }, ''],
    [{ mac: '02-11-22-33-44-5F', linkLocal: ['FE80::0009'] }, ''],
    [{ ipv4: 'there' }, both('there')],
    [{ ipv4: 'fd00::1' }, both('fd00::1')],
    [{ ipv4: '0.0.0.0' }, both('0.0.0.0')],
    [
      { ipv6: 'fd00::1' },
      'user specified IP address is supported only when connecting to networks with user configured subnets',
    ],
    [{ linkLocal: ['here'] }, 'invalid link-local IP address: here'],
    [{ mac: 'nonsense' }, 'invalid MAC address nonsense'],
  ])('%j: %s', (spec, why) => {
    expect(refusal(spec)).toBe(why);
  });

  test('of a subnet that the engine has chosen no address can be asked for', () => {
    const pools = [{ subnet: '172.18.0.0/16', chosen: true, auxAddresses: {} }] as const;
    expect(refusal({ ipv4: '172.18.0.9' }, { ...net, ipam: { ...net.ipam, pools } })).toBe(
      'user specified IP address is supported only when connecting to networks with user configured subnets',
    );
  });

  test('a network that is not there yet is looked at when it is joined', () => {
    expect(refusal({ ipv4: '10.2.0.9', network: 'later' }, 'missing')).toBe('');
  });

  test('predefined networks give neither addresses nor aliases, and all that is wrong is told', () => {
    expect(refusal({ network: 'bridge', ipv4: '172.17.0.9', aliases: ['db'] }, 'missing')).toBe(
      '* user specified IP address is supported on user defined networks only\n' +
        '* network-scoped alias is supported only for containers in user defined networks',
    );
  });

  test('the network is named where there may be several', () => {
    const spec = blankEndpointSpec('net', { ipv4: '10.2.0.9' });
    expect(() => checkEndpointSpecs(modelWith(net), [spec])).toThrow(
      'invalid config for network net: invalid endpoint settings:\nno configured subnet or ip-range contain the IP address 10.2.0.9',
    );
  });
});

function modelWith(network: Network): Model {
  const model = new Model(driverTable());
  model.apply([{ table: 'networks', put: network }]);
  return model;
}

test.each<[mode: string, networks: readonly string[], refusal: string | undefined]>([
  ['net', ['net', 'bridge'], undefined],
  ['net', ['bridge'], undefined],
  ['host', ['host'], undefined],
  ['host', ['none'], undefined],
  ['none', ['net'], undefined],
  ['host', ['host', 'net'], 'sharing network namespace'],
  ['host', ['bridge'], 'sharing network namespace'],
  ['net', ['host'], 'must be created in host network mode'],
  ['none', ['none', 'net'], 'private (none) mode'],
])('in the mode %s, the networks %j', (mode, networks, refusal) => {
  if (refusal === undefined) checkTogether(mode, networks);
  else expect(() => checkTogether(mode, networks)).toThrow(refusal);
});
