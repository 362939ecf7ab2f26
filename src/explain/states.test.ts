import { expect, test } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import type { ContainerState } from '../model/container.ts';
import { withState } from '../model/containers.ts';
import type { Peer } from '../model/peer.ts';
import type { ServedService } from '../model/virtual-service.ts';
import { endOfContainer } from './ends.ts';
import { stateCause } from './states.ts';

const here = world();
here.network('app', {});
const web = here.container('web', { hostConfig: { NetworkMode: 'app' } });

const of = (state: Partial<ContainerState>) => stateCause(endOfContainer(here.model, withState(web, state)));

test.each<[string, Partial<ContainerState>]>([
  ['paused', { status: 'paused' }],
  ['restarting', { status: 'restarting' }],
  ['not-running', { status: 'exited', exitCode: 3 }],
  ['not-running', { status: 'created' }],
  ['port-held', { status: 'created', error: 'Bind for 0.0.0.0:80 failed: port is already allocated' }],
  [
    'port-held',
    { status: 'created', error: 'failed to bind host port for 0.0.0.0:80/tcp: address already in use' },
  ],
  ['no-network', { status: 'running' }],
])('%s: %o', (code, state) => {
  expect(of(state)?.code).toBe(code);
});

test('a service needs a task that takes connections', () => {
  const service = { name: 'api', backends: [{ open: false }] } as unknown as ServedService;
  const open = { name: 'api', backends: [{ open: false }, { open: true }] } as unknown as ServedService;
  expect(stateCause({ kind: 'service', name: 'api', services: [service] })?.code).toBe('no-tasks');
  expect(stateCause({ kind: 'service', name: 'api', services: [open] })).toBeUndefined();
});

test('a container of another host needs its host', () => {
  const peer = { name: 'api', nodeId: 'n2' } as Peer;
  const node = { id: 'n2', name: 'host2', advertise: '', instance: '', mtu: 1500 };
  expect(stateCause({ kind: 'peer', name: 'api', peer, node })).toBeUndefined();
  expect(stateCause({ kind: 'peer', name: 'api', peer, node: { ...node, lost: true } })?.code).toBe(
    'node-gone',
  );
  expect(stateCause({ kind: 'peer', name: 'api', peer })?.code).toBe('node-gone');
});
