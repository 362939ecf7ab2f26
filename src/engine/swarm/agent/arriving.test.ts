import { expect, it } from 'vitest';
import { world } from '../../../../test/model/fixture.ts';
import type { Node } from '../../../model/node.ts';
import { openSandbox } from '../../../model/sandboxes.ts';
import type { Change } from '../../../model/tables.ts';
import { arrivals, departures, type Given, naming } from './arriving.ts';

const node = (id: string, more: Partial<Node> = {}): Node => ({
  ...{ id, name: id, advertise: `192.0.2.${id}:2377`, data4: `192.0.2.${id}`, instance: id, mtu: 1500 },
  ...more,
});
const here = node('1', { here: true });
const peer = (id: string, networkId: string, nodeId: string) => ({
  ...{ id, networkId, nodeId, name: id, dnsNames: [id], addresses: ['10.0.9.8/24'] },
  mac: '02:00:00:00:00:08',
});

/** A host with a network of its swarm, as a manager gives it: without what this host reads from it. */
function member() {
  const made = world();
  made.model.apply([{ table: 'nodes', put: here }]);
  const { parsed, ...app } = made.network('app', { driver: 'overlay' });
  const network = { ...app, scope: 'swarm' as const, parsed: JSON.parse(JSON.stringify(parsed)) };
  made.model.apply([{ table: 'networks', remove: app.id }]);
  const given: Given = {
    networks: [network],
    peers: [peer('p', app.id, '2'), peer('q', app.id, '1'), peer('r', 'other', '2')],
    nodes: [node('1', { number: 4, dataPort: 7788 }), node('2', { dataPort: 7788 })],
    services: [
      {
        ...{ id: `s ${app.id}`, serviceId: 's', networkId: app.id, name: 'web', aliases: [] },
        ...{ addresses: ['10.0.9.2'], backends: [] },
      },
    ],
    meshPorts: [],
  };
  return { ...made, given, network };
}
const said = (changes: readonly Change[]): readonly string[] =>
  changes.map((one) => `${'put' in one ? '+' : '-'}${one.table}`);

it('keeps what is given, and its own node with its number and the port of its tunnels', () => {
  const { model, given, network } = member();
  const changes = arrivals(model, { here, given });
  expect(said(changes)).toEqual(['+networks', '+nodes', '+nodes', '+peers', '+services']);
  model.apply(changes);
  expect(model.get('nodes', '1')).toEqual({ ...here, number: 4, dataPort: 7788 });
  expect(model.get('networks', network.id)?.parsed).toMatchObject({ driver: { prefix: 'eth' } });
  expect(Array.from(model.all('peers'), ({ id }) => id)).toEqual(['p']);
  expect(arrivals(model, { here, given })).toEqual([]);
});

it('has names of a service answered once its rules are in, and until its addresses change', () => {
  const { model, given } = member();
  model.apply(arrivals(model, { here, given }));
  const named = () => Array.from(model.all('services'), (one) => one.named);
  expect(named()).toEqual([undefined]);
  model.apply(naming(model));
  expect(named()).toEqual([true]);
  expect(naming(model)).toEqual([]);
  expect(arrivals(model, { here, given })).toEqual([]);
  const moved = given.services.map((one) => ({ ...one, addresses: ['10.0.9.7'] }));
  model.apply(arrivals(model, { here, given: { ...given, services: moved } }));
  expect(named()).toEqual([undefined]);
});

it('removes what is missing, and leaves the networks of this host alone', () => {
  const { model, given, network } = member();
  model.apply(arrivals(model, { here, given }));
  const before = Array.from(model.all('networks')).length;
  const none = { networks: [], peers: [], nodes: [], services: [], meshPorts: [] };
  const changes = arrivals(model, { here, given: none });
  expect(said(changes)).toEqual(['-services', '-peers', '-nodes', '-networks', '+nodes']);
  model.apply(changes);
  expect(model.get('networks', network.id)).toBeUndefined();
  expect(Array.from(model.all('networks')).length).toBe(before - 1);
});

it('keeps a network until its last endpoint is gone', () => {
  const { model, given, network, container, sandboxContext } = member();
  model.apply(arrivals(model, { here, given }));
  const web = container('web', { hostConfig: { NetworkMode: 'app' } });
  const opened = openSandbox(model, web, sandboxContext);
  model.apply(opened.changes);
  model.apply(departures(model));
  expect(model.get('networks', network.id)).toBeDefined();
  expect(Array.from(model.all('nodes'))).toEqual([]);
  model.apply(model.endpointsOfNetwork(network.id).map(({ id }) => ({ table: 'endpoints', remove: id })));
  model.apply(departures(model));
  expect(model.get('networks', network.id)).toBeUndefined();
});

it('has all networks of the swarm on a manager', () => {
  const { model, given, network } = member();
  const more = { ...network, id: 'x1', name: 'more' };
  model.apply(arrivals(model, { here, given, all: [network, more] }));
  expect(model.networkByName('more')?.id).toBe('x1');
});
