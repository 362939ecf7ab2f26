import { expect, test } from 'vitest';
import { backend, bridge, containerOf, endpointOf, hex } from '../../../test/api/records.ts';
import { blankNetwork } from '../../model/blank.ts';
import type { Network } from '../../model/network.ts';
import type { Node } from '../../model/node.ts';
import { presentNetwork } from './network.ts';
import { presentServices } from './network-services.ts';

const web = containerOf(hex('1'), { Image: 'busybox' }, { name: 'web' });

test('a network is told with its pools and members', () => {
  const members = [endpointOf(web, backend), endpointOf(web, backend, { containerId: '', addresses: [] })];
  expect(presentNetwork(backend, { version: 50, members })).toEqual({
    Name: 'backend',
    Id: backend.id,
    Created: backend.created,
    Scope: 'local',
    Driver: 'bridge',
    EnableIPv4: true,
    EnableIPv6: true,
    IPAM: {
      Driver: 'default',
      Options: {},
      Config: [
        {
          Subnet: '172.30.0.0/16',
          IPRange: '172.30.4.0/24',
          Gateway: '172.30.0.1',
          AuxiliaryAddresses: { a: '172.30.0.9' },
        },
        { Subnet: 'fd01::/64', Gateway: 'fd01::1' },
      ],
    },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: {
      [web.id]: {
        Name: 'web',
        EndpointID: hex('e'),
        MacAddress: '02:42:ac:1e:00:02',
        IPv4Address: '172.30.0.2/16',
        IPv6Address: 'fd01::2/64',
      },
      [`ep-${hex('e')}`]: {
        Name: 'web',
        EndpointID: hex('e'),
        MacAddress: '02:42:ac:1e:00:02',
        IPv4Address: '',
        IPv6Address: '',
      },
    },
    Options: {},
    Labels: { tier: 'db' },
  });
});

test('pools are told as they were sent, with what was chosen, and also those that are not used', () => {
  const pools: Network['ipam']['pools'] = [
    { subnet: '172.18.0.0/16', gateway: '172.18.0.1', auxAddresses: {} },
    {
      subnet: 'fdd1:ac8c:557::/64',
      gateway: 'fdd1:ac8c:557::1',
      ipRange: 'fdd1:ac8c:557::/65',
      auxAddresses: { host: 'fdd1:ac8c:557::2', h: 'fdd1:ac8c:557::a5' },
    },
  ];
  const sent: Network['ipam']['sent'] = [
    {
      subnet: 'FDD1:ac8c:0557::/64',
      ipRange: 'fdd1:ac8c:557:0::/65',
      auxAddresses: { h: 'fdd1:AC8C:557::00a5' },
    },
    { subnet: '10.9.0.5/24', auxAddresses: {} },
  ];
  const network = { ...backend, ipam: { driver: 'default', options: null, pools, sent } };
  expect(presentNetwork(network, { version: 50, members: [] })).toMatchObject({
    IPAM: {
      Options: null,
      Config: [
        {
          Subnet: 'FDD1:ac8c:0557::/64',
          IPRange: 'fdd1:ac8c:557:0::/65',
          Gateway: 'fdd1:ac8c:557::1',
          AuxiliaryAddresses: { host: 'fdd1:ac8c:557::2', h: 'fdd1:AC8C:557::00a5' },
        },
        { Subnet: '10.9.0.5/24' },
        { Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' },
      ],
    },
  });
});

test('every version is told of EnableIPv4, as by Docker 28; predefined networks have no IPAM options', () => {
  const old = presentNetwork(bridge, { version: 47, members: [] });
  expect(old).toMatchObject({ EnableIPv4: true, IPAM: { Options: null } });
});

test('the status of pools is told on demand, and to the last digit', () => {
  const usage = [
    { subnet: '172.30.0.0/16', used: 3n, free: 65_533n },
    { subnet: 'fd01::/64', used: 2n, free: 2n ** 64n - 2n },
    { subnet: 'fd02::/48', used: 1n, free: 2n ** 80n - 1n },
  ];
  const text = JSON.stringify(presentNetwork(backend, { version: 50, members: [], usage }));
  expect(text).toContain(
    '"Status":{"IPAM":{"Subnets":{"172.30.0.0/16":{"IPsInUse":3,"DynamicIPsAvailable":65533},"fd01::/64":{"IPsInUse":2,"DynamicIPsAvailable":18446744073709551614},"fd02::/48":{"IPsInUse":1,"DynamicIPsAvailable":18446744073709551615}}}}',
  );
});

test('a network of a cluster is told with the endpoints of other hosts, and with the hosts', () => {
  const peer = {
    ...{ id: hex('f'), networkId: backend.id, nodeId: 'b', name: 'far', dnsNames: ['far'] },
    ...{ addresses: ['172.30.0.7/16', 'fd01::7/64'], mac: '02:00:00:00:00:07' },
  };
  const node = { id: 'b', name: 'host-b', advertise: '', data4: '192.0.2.2', instance: '', mtu: 1500 };
  const members = [endpointOf(web, backend)];
  const shown = presentNetwork(backend, { version: 50, members, peers: [peer], hosts: [node] });
  expect(shown).toMatchObject({
    Containers: {
      [web.id]: { Name: 'web' },
      [`ep-${hex('f')}`]: {
        Name: 'far',
        EndpointID: hex('f'),
        MacAddress: '02:00:00:00:00:07',
        IPv4Address: '172.30.0.7/16',
        IPv6Address: 'fd01::7/64',
      },
    },
    Peers: [{ Name: 'host-b', IP: '192.0.2.2' }],
  });
});

test('a network of a swarm shows its identifiers, and nothing of what is elsewhere', () => {
  const swarm: Network = {
    ...blankNetwork,
    ...{ id: 'abc', name: 'web', driver: 'overlay', scope: 'swarm', labels: {}, created: '' },
    parsed: backend.parsed,
    ipam: { driver: 'default', options: {}, pools: [] },
    overlay: { vnis: [4097], mtu: 1450, encrypted: false },
  };
  expect(presentNetwork(swarm, { version: 50, members: [] })).toMatchObject({
    ...{ Containers: null, Labels: null },
    IPAM: { Options: null, Config: [] },
    Options: { 'com.docker.network.driver.overlay.vxlanid_list': '4097' },
  });
  expect(presentNetwork({ ...swarm, labels: { a: 'b' } }, { version: 50, members: [] })).toMatchObject({
    Labels: { a: 'b' },
  });
});

test('the services of a network are shown with the tasks behind them', () => {
  const peer = { id: 'p1', networkId: 'abc', nodeId: 'n2', name: 'web.1.t', dnsNames: [], mac: '' };
  const node: Node = { id: 'n2', name: 'node2', data4: '192.0.2.2', mtu: 1500, advertise: '', instance: '' };
  const backend = { id: 't', number: 1, addresses: ['10.0.9.6'], open: true };
  const service = { id: 's abc', serviceId: 's', networkId: 'abc', name: 'web', aliases: [] };
  const services = [
    { ...service, addresses: ['10.0.9.2'], backends: [backend] },
    { ...service, name: 'rr', addresses: [], backends: [backend] },
    { ...service, name: 'idle', addresses: ['10.0.9.3'], backends: [] },
  ];
  const shown = presentServices(services, {
    ...{ members: [], hosts: [node] },
    peers: [{ ...peer, addresses: ['10.0.9.6/24'] }],
  });
  const task = {
    Name: 'web.1.t',
    EndpointID: 'p1',
    EndpointIP: '10.0.9.6',
    Info: { 'Host IP': '192.0.2.2' },
  };
  expect(shown).toEqual({
    Services: {
      web: { VIP: '10.0.9.2', Ports: [], LocalLBIndex: 0, Tasks: [task] },
      rr: { VIP: '<nil>', Ports: [], LocalLBIndex: 0, Tasks: [task] },
    },
  });
});
