import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { driverTable } from '../drivers/table.ts';
import { defaultPools, ulaPool } from '../ipam/choose-pool.ts';
import type { Asking } from './driver.ts';
import type { EndpointAnswers } from './endpoint.ts';
import { isWayOut } from './gateway.ts';
import type { NetworkRequest } from './network.ts';
import { connectSandbox, disconnectSandbox, openSandbox } from './sandboxes.ts';
import { gatewayNetwork, gatewayRequest, lacksGateway } from './way-out.ts';

/** The host has a pool for IPv6. */
function hostWorld(more: Parameters<typeof world>[0] = {}) {
  const here = world(more);
  Object.assign(here.networkContext, { pools: [...defaultPools, ulaPool('host')] });
  return here;
}

const asking: Asking = { prepareEndpoint: async () => ({}), endpointGone: () => [], networkGone: () => [] };

/** A container on a plugin's network, whose driver has answered that. */
function started(answers: EndpointAnswers) {
  const here = hostWorld({ drivers: driverTable({ asking: () => asking }) });
  const wanted = gatewayNetwork(here.model.drivers);
  if (wanted) here.network(wanted.name, gatewayRequest(wanted, { ipv6: true }));
  const { id } = here.network('net', { driver: 'weave' });
  const container = here.container('web', { hostConfig: { NetworkMode: 'net' } });
  const prepared = new Map([[id, { id: 'e1', answers }]]);
  const { sandbox, changes } = openSandbox(here.model, container, { ...here.sandboxContext, prepared });
  here.model.apply(changes);
  const names = () => here.model.endpointsOfSandbox(sandbox.id).map(({ name, ifname }) => [name, ifname]);
  return { ...here, container, sandbox, names };
}

describe('a sandbox whose drivers name no gateway', () => {
  it('gets an endpoint on the network for it, and leads out there', () => {
    const { model, sandbox, names } = started({ link: 'wv0', ifPrefix: 'wv' });
    const [, added] = model.endpointsOfSandbox(sandbox.id);
    expect(names()).toEqual([
      ['web', 'wv0'],
      [`gateway_${sandbox.id.slice(0, 12)}`, 'eth0'],
    ]);
    expect(model.get('sandboxes', sandbox.id)?.gateway4).toBe(added?.id);
    expect(added?.dnsNames).toEqual([]);
  });

  it('has it as long as no other network leads out', () => {
    const { model, sandboxContext, sandbox, container, names, ...here } = started({ link: 'wv0' });
    here.network('plain');
    const now = () => model.get('sandboxes', sandbox.id) ?? sandbox;
    const connected = connectSandbox(
      model,
      { container, sandbox: now(), spec: here.spec('plain') },
      sandboxContext,
    );
    model.apply(connected.changes);
    expect(names().map(([name]) => name)).toEqual(['web', 'web']);
    const request = { container, sandbox: now(), endpoint: connected.endpoint };
    model.apply(disconnectSandbox(model, request, sandboxContext).changes);
    expect(names()).toHaveLength(2);
    expect(now().gateway4).not.toBe('');
  });

  const six = { driver: '', options: {}, pools: [{ subnet: 'fd01::/64', auxAddresses: {} }] };
  const over6 = { enableIPv6: true, ipam: { ...six, pools: [{ subnet: 'fd02::/64', auxAddresses: {} }] } };
  it.each<[string, Partial<NetworkRequest>, Partial<NetworkRequest>, readonly string[]]>([
    ['an overlay', {}, {}, ['gwbridge', '']],
    ['an internal overlay', { internal: true }, {}, ['', '']],
    [
      'an overlay beside a network that leads out by IPv6 alone',
      {},
      { enableIPv4: false, enableIPv6: true, ipam: six },
      ['gwbridge', 'also'],
    ],
    ['an overlay beside a network that leads out', {}, { enableIPv4: true }, ['also', '']],
    [
      'an overlay with IPv6 beside a network that leads out by IPv4 alone',
      over6,
      { enableIPv4: true },
      ['also', 'gwbridge'],
    ],
    [
      'an overlay with IPv6 beside one that leads out by both',
      over6,
      { enableIPv6: true, ipam: six },
      ['also', 'also'],
    ],
  ])('gets one for %s', (_what, more, second, [four, six]) => {
    const here = hostWorld();
    const node = { id: 'a', name: 'a', advertise: '', data4: '192.0.2.1', instance: '', mtu: 1500 };
    here.model.apply([{ table: 'nodes', put: { ...node, here: true } }]);
    const wanted = gatewayNetwork(here.model.drivers);
    if (wanted) here.network(wanted.name, gatewayRequest(wanted, { ipv6: true }));
    here.network('net', { driver: 'overlay', ...more });
    const also = Object.keys(second).length > 0 ? ['also'] : [];
    for (const name of also) here.network(name, second);
    const container = here.container('web', {
      hostConfig: { NetworkMode: 'net' },
      networks: ['net', ...also].map((name) => here.spec(name)),
    });
    const { sandbox, changes } = openSandbox(here.model, container, here.sandboxContext);
    here.model.apply(changes);
    const leading = (id: string): string => {
      const { networkId = '' } = here.model.get('endpoints', id) ?? {};
      return here.model.get('networks', networkId)?.name.replace('docker_', '') ?? '';
    };
    expect([leading(sandbox.gateway4), leading(sandbox.gateway6)]).toEqual([four, six]);
    const isAdded = [four, six].includes('gwbridge');
    const endpoints = here.model.endpointsOfSandbox(sandbox.id);
    expect(endpoints).toHaveLength(1 + also.length + Number(isAdded));
    if (isAdded) expect(endpoints.at(-1)?.addresses).toHaveLength(six === 'gwbridge' ? 2 : 1);
  });

  it('has IPv6 there as long as an overlay with IPv6 needs it, and keeps its place', () => {
    const here = hostWorld();
    const node = { id: 'a', name: 'a', advertise: '', data4: '192.0.2.1', instance: '', mtu: 1500 };
    here.model.apply([{ table: 'nodes', put: { ...node, here: true } }]);
    const wanted = gatewayNetwork(here.model.drivers);
    if (wanted) here.network(wanted.name, gatewayRequest(wanted, { ipv6: true }));
    here.network('net', { driver: 'overlay' });
    here.network('six', { driver: 'overlay', ...over6 });
    const container = here.container('web', { hostConfig: { NetworkMode: 'net' } });
    const opened = openSandbox(here.model, container, here.sandboxContext);
    here.model.apply(opened.changes);
    const added = () => here.model.endpointsOfSandbox(opened.sandbox.id).find(isWayOut);
    const first = added();
    expect([first?.addresses.length, first?.sysctls?.length]).toEqual([1, 1]);
    const request = { container, sandbox: opened.sandbox, spec: here.spec('six') };
    const connected = connectSandbox(here.model, request, here.sandboxContext);
    here.model.apply(connected.changes);
    const { addresses = [], sysctls, spec: _, ...place } = added() ?? {};
    const { addresses: had, sysctls: __, spec: ___, ...before } = first ?? {};
    expect([addresses[0], addresses.length, sysctls]).toEqual([had?.[0], 2, undefined]);
    expect(place).toEqual(before);
    const { sandbox, endpoint } = connected;
    expect(sandbox.gateway6).toBe(first?.id);
    here.model.apply(
      disconnectSandbox(here.model, { container, sandbox, endpoint }, here.sandboxContext).changes,
    );
    expect(added()).toEqual(first);
  });

  it.each<[EndpointAnswers, boolean]>([
    [{}, true],
    [{ gateway4: '10.0.0.1' }, false],
    [{ gateway6: 'fd00::1' }, false],
    [{ noGateway: true }, false],
    [{ routes: [{ destination: '0.0.0.0/0', nextHop: '10.0.0.1' }] }, false],
    [{ routes: [{ destination: '10.9.0.0/16', nextHop: '' }] }, true],
  ])('%j: %s', (answers, lacks) => {
    expect(lacksGateway(answers)).toBe(lacks);
    expect(started(answers).names()).toHaveLength(lacks ? 2 : 1);
  });
});
