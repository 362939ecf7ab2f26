import { expect, test } from 'vitest';
import { world } from '../../../test/model/fixture.ts';
import type { ContainerState } from '../../model/container.ts';
import { openSandbox } from '../../model/sandboxes.ts';
import { changesOf } from '../../model/transition.ts';
import { pictureOf } from './picture.ts';
import { asOtherEnd } from './traffic.ts';

const host = { name: 'host1', links: [] };

/** A container on two networks that runs, and one that never ran. */
function twoContainers() {
  const made = world();
  const { spec } = made;
  const [front, back] = [made.network('front'), made.network('back', { internal: true })];
  const networks = [spec('front'), spec(back.id.slice(0, 12))];
  const web = made.container('web', { networks, hostConfig: { NetworkMode: 'front' } });
  const idle = made.container('idle', { networks: [spec('default')] });
  return { ...made, front, back, web, idle };
}

type World = ReturnType<typeof twoContainers>;

function started({ model, web, sandboxContext }: World): void {
  const opened = openSandbox(model, web, sandboxContext);
  model.apply(changesOf(opened));
}

function withState({ model, web }: World, state: Partial<ContainerState>): void {
  const put = model.get('containers', web.id) ?? web;
  model.apply([{ table: 'containers', put: { ...put, state: { ...put.state, ...state } } }]);
}

const picture = ({ model }: World, degraded: Parameters<typeof pictureOf>[1]['degraded'] = []) =>
  pictureOf(model, { host, degraded });

test('a container is on the networks that it asked for, by name or a part of the id, before it runs', () => {
  const made = twoContainers();
  const { containers, endpoints } = picture(made);
  const bridge = made.model.networkByName('bridge');
  expect(containers.map(({ name, networks }) => [name, networks])).toEqual([
    ['web', [made.front.id, made.back.id]],
    ['idle', [bridge?.id]],
  ]);
  expect(endpoints).toEqual([]);
});

test('one that runs has an endpoint on each, with its addresses', () => {
  const made = twoContainers();
  started(made);
  const { endpoints, networks } = picture(made);
  expect(endpoints.map(({ networkId, kind, containerId }) => [networkId, kind, containerId])).toEqual([
    [made.front.id, 'container', made.web.id],
    [made.back.id, 'container', made.web.id],
  ]);
  expect(endpoints.every(({ addresses }) => addresses.length > 0)).toBe(true);
  expect(networks.find(({ id }) => id === made.back.id)?.internal).toBe(true);
});

test('what is degraded is told of its network, its container, or the host', () => {
  const made = twoContainers();
  started(made);
  const sandbox = made.model.sandboxOfContainer(made.web.id);
  const degraded = [
    `network:${made.front.id}`,
    `sandbox:${sandbox?.id}`,
    `taken:${made.web.id} back`,
    'step:swarm',
  ];
  const { troubles } = picture(
    made,
    degraded.map((key) => ({ key, name: key, error: 'why', since: 's', next: 'n', attempts: 1 })),
  );
  expect(troubles.map(({ kind, id }) => [kind, id])).toEqual([
    ['network', made.front.id],
    ['container', made.web.id],
    ['container', made.web.id],
    ['host', ''],
  ]);
});

test.each([
  [{ status: 'restarting', exitCode: 7 }, 'it ended with status 7 and is started again'],
  [{ status: 'exited', exitCode: 128, error: 'no such file' }, 'it was not started: no such file'],
  [{ status: 'dead' }, 'it could not be removed'],
  [
    {
      status: 'running',
      health: {
        status: 'unhealthy',
        failingStreak: 3,
        log: [{ start: '', end: '', exitCode: 1, output: 'wget: connection refused\nmore' }],
      },
    },
    'its health check fails: wget: connection refused',
  ],
] as const)('a container with %j is a trouble', (state, why) => {
  const made = twoContainers();
  withState(made, state);
  expect(picture(made).troubles).toEqual([
    { kind: 'container', id: made.web.id, at: 'container web', why, since: expect.any(String), next: '' },
  ]);
});

test('one that ended by itself is none', () => {
  const made = twoContainers();
  withState(made, { status: 'exited', exitCode: 1 });
  expect(picture(made).troubles).toEqual([]);
});

test('what one end of a pair sends, the other one receives', () => {
  const counters = {
    ...{ rxBytes: 1, rxPackets: 2, rxErrors: 3, rxDropped: 4 },
    ...{ txBytes: 5, txPackets: 6, txErrors: 7, txDropped: 8 },
  };
  expect(asOtherEnd(counters)).toMatchObject({ rxBytes: 5, txBytes: 1, rxDropped: 8, txPackets: 2 });
  expect(asOtherEnd(asOtherEnd(counters))).toEqual(counters);
});
