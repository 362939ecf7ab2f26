import { describe, expect, it } from 'vitest';
import { withParsed } from '../../test/model/networks.ts';
import { driverTable } from '../drivers/table.ts';
import { blankEndpointSpec, blankNetwork } from './blank.ts';
import { type Attachment, chooseGateway } from './gateway.ts';
import type { Network } from './network.ts';

const drivers = driverTable();

interface On extends Partial<Network> {
  readonly name: string;
  readonly priority?: number;
  readonly addresses?: readonly string[];
}

const on = ({ name, priority = 0, addresses = ['10.0.0.2/24', 'fd00::2/64'], ...more }: On): Attachment => ({
  network: withParsed({
    ...blankNetwork,
    id: `n-${name}`,
    name,
    created: '',
    enableIPv6: true,
    ipam: {
      driver: 'default',
      options: {},
      pools: [
        { subnet: '10.0.0.0/24', gateway: '10.0.0.1', auxAddresses: {} },
        { subnet: 'fd00::/64', gateway: 'fd00::1', auxAddresses: {} },
      ],
    },
    ...more,
  }),
  endpoint: {
    id: name,
    networkId: `n-${name}`,
    sandboxId: 's',
    containerId: 'c',
    name: 'c',
    ifname: 'eth0',
    hostLink: '',
    mac: '',
    addresses,
    dnsNames: [],
    order: 0,
    spec: blankEndpointSpec(name, { gwPriority: priority }),
  },
});

describe('the way out', () => {
  const cases: [string, readonly On[], string, string][] = [
    ['nowhere', [], '', ''],
    ['the only network', [{ name: 'a' }], 'a', 'a'],
    ['the first name, not the first connected', [{ name: 'b' }, { name: 'a' }], 'a', 'a'],
    ['capitals before small letters', [{ name: 'a' }, { name: 'B' }], 'B', 'B'],
    [
      'the highest priority before the name',
      [
        { name: 'a', priority: 1 },
        { name: 'b', priority: 2 },
      ],
      'b',
      'b',
    ],
    ['a priority below none last', [{ name: 'a', priority: -1 }, { name: 'b' }], 'b', 'b'],
    [
      'no internal network, whatever its priority',
      [{ name: 'a', internal: true, priority: 9 }, { name: 'b' }],
      'b',
      'b',
    ],
    ['none where all are internal', [{ name: 'a', internal: true }], '', ''],
    [
      'a network of both families before those of one',
      [{ name: 'a', addresses: ['10.0.0.2/24'] }, { name: 'b' }],
      'b',
      'b',
    ],
    [
      'the highest priority before a network of both families',
      [{ name: 'a', priority: 1, addresses: ['10.0.0.2/24'] }, { name: 'b' }],
      'a',
      'b',
    ],
    [
      'no network of both families that is internal for both',
      [
        { name: 'a', internal: true },
        { name: 'c', addresses: ['10.0.0.2/24'] },
        { name: 'b', addresses: ['10.0.0.2/24'] },
      ],
      'b',
      '',
    ],
    [
      'each family by itself: addresses',
      [
        { name: 'a', addresses: ['10.0.0.2/24'] },
        { name: 'b', addresses: ['fd00::2/64'] },
      ],
      'a',
      'b',
    ],
    [
      'each family by itself: networks',
      [
        { name: 'a', enableIPv4: false, addresses: ['fd00::2/64'] },
        { name: 'b', addresses: ['10.0.0.2/24'] },
      ],
      'b',
      'a',
    ],
  ];
  it.each(cases)('is %s', (_case, networks, four, six) => {
    const attachments = networks.map(on);
    expect([
      chooseGateway(attachments, { family: 4, drivers }),
      chooseGateway(attachments, { family: 6, drivers }),
    ]).toEqual([four, six]);
    expect(chooseGateway(attachments.toReversed(), { family: 4, drivers })).toBe(four);
  });

  it('is chosen without a change of the list', () => {
    const attachments = [on({ name: 'b' }), on({ name: 'a' })];
    chooseGateway(attachments, { family: 4, drivers });
    expect(attachments.map(({ network }) => network.name)).toEqual(['b', 'a']);
  });
});
