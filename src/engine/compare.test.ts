import { expect, it } from 'vitest';
import { plainNetwork } from '../../test/model/networks.ts';
import { driverTable } from '../drivers/table.ts';
import { fail } from '../errors.ts';
import { blankSandbox } from '../model/blank.ts';
import { Model } from '../model/memory.ts';
import type { KernelObject } from '../objects/object.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import { type Comparing, compareAll } from './compare.ts';

const address: KernelObject = { kind: 'address', ns: 's', link: 'eth0', address: '10.1.0.2/24' };

function engine(compare: Reconciler['compare']): Comparing {
  const model = new Model(driverTable());
  const network = { ...plainNetwork, id: 'n', name: 'app', created: '', driver: 'bridge', link: 'br0' };
  const sandbox = {
    ...blankSandbox,
    id: 's',
    containerId: '',
    path: '/run/netns/s',
    hostname: '',
    resolver: false,
  };
  model.apply([
    { table: 'networks', put: network },
    { table: 'sandboxes', put: sandbox },
  ]);
  return { model, reconciler: { compare } as unknown as Reconciler };
}

it('tells of every scope what converging would do, also after one that cannot be compared', async () => {
  const compared = await compareAll(
    engine(async (scope) => {
      if (scope === 'network:n') throw fail('KERNEL', 'list links', 'EPERM');
      if (scope === 'firewall') return [{ verb: 'filter', family: 6, count: 3 }];
      return [{ verb: 'make', object: address }];
    }),
  );
  expect(compared).toEqual([
    { scope: 'network:n', name: 'network app', changes: [], error: expect.stringContaining('EPERM') },
    {
      ...{ scope: 'sandbox:s', name: 'namespace /run/netns/s', error: '' },
      changes: [
        { action: 'make', kind: 'address', namespace: 's', object: 'eth0/10.1.0.2/24', differences: [] },
      ],
    },
    {
      ...{ scope: 'firewall', name: 'firewall', error: '' },
      changes: [
        { action: 'change', kind: 'rules', namespace: 'host', object: 'IPv6: 3 lines', differences: [] },
      ],
    },
  ]);
});

it('leaves out what goes away meanwhile', async () => {
  const core = engine(async (scope) => {
    if (scope !== 'network:n') return [];
    (core.model as Model).apply([{ table: 'networks', remove: 'n' }]);
    throw fail('BUG', 'no scope network:n');
  });
  expect((await compareAll(core)).map(({ scope }) => scope)).toEqual(['sandbox:s', 'firewall']);
});
