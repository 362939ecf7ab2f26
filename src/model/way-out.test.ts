import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { driverTable } from '../drivers/table.ts';
import type { Asking } from './driver.ts';
import type { EndpointAnswers } from './endpoint.ts';
import { connectSandbox, disconnectSandbox, openSandbox } from './sandboxes.ts';
import { gatewayNetwork, gatewayRequest, lacksGateway } from './way-out.ts';

const asking: Asking = { prepareEndpoint: async () => ({}), endpointGone: () => [], networkGone: () => [] };

/** A container on a plugin's network, whose driver has answered that. */
function started(answers: EndpointAnswers) {
  const here = world({ drivers: driverTable({ asking: () => asking }) });
  const wanted = gatewayNetwork(here.model.drivers);
  if (wanted) here.network(wanted.name, gatewayRequest(wanted));
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

  it.each([
    ['an overlay', {}, {}, 2],
    ['an internal overlay', { internal: true }, {}, 1],
    [
      'an overlay beside a network that leads out by IPv6 alone',
      {},
      { enableIPv4: false, enableIPv6: true },
      3,
    ],
    ['an overlay beside a network that leads out', {}, { enableIPv4: true }, 2],
  ])('gets one for %s', (_what, more, second, count) => {
    const here = world();
    const node = { id: 'a', name: 'a', advertise: '', data4: '192.0.2.1', instance: '', mtu: 1500 };
    here.model.apply([{ table: 'nodes', put: { ...node, here: true } }]);
    const wanted = gatewayNetwork(here.model.drivers);
    if (wanted) here.network(wanted.name, gatewayRequest(wanted));
    here.network('net', { driver: 'overlay', ...more });
    const also = Object.keys(second).length > 0 ? ['also'] : [];
    const six = { driver: '', options: {}, pools: [{ subnet: 'fd01::/64', auxAddresses: {} }] };
    for (const name of also) here.network(name, { ...second, ...('enableIPv6' in second && { ipam: six }) });
    const container = here.container('web', {
      hostConfig: { NetworkMode: 'net' },
      networks: ['net', ...also].map((name) => here.spec(name)),
    });
    const { sandbox, changes } = openSandbox(here.model, container, here.sandboxContext);
    here.model.apply(changes);
    const endpoints = here.model.endpointsOfSandbox(sandbox.id);
    const last = count > 1 ? endpoints.at(-1)?.id : '';
    expect([endpoints.length, sandbox.gateway4]).toEqual([count, last]);
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
