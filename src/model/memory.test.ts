import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { plainNetwork } from '../../test/model/networks.ts';
import { driverTable } from '../drivers/table.ts';
import { blankSandbox } from './blank.ts';
import { Model } from './memory.ts';
import type { Network } from './network.ts';
import type { Sandbox } from './sandbox.ts';
import type { Change } from './tables.ts';

const network = (id: string, name: string): Network => ({ ...plainNetwork, id, name, created: '' });

const sandbox = (id: string, containerId: string, more: Partial<Sandbox> = {}): Sandbox => ({
  ...blankSandbox,
  id,
  containerId,
  path: '',
  hostname: '',
  ...more,
});

const put = (record: Network): Change => ({ table: 'networks', put: record });

describe('the model', () => {
  it('finds a record by the name that it has now', () => {
    const model = new Model(driverTable());
    model.apply([put(network('1', 'a'))]);
    model.apply([put(network('1', 'b'))]);
    expect([model.networkByName('a'), model.networkByName('b')?.id]).toEqual([undefined, '1']);
    model.apply([{ table: 'networks', remove: '1' }]);
    expect(model.networkByName('b')).toBeUndefined();
  });

  it('keeps a name with who has taken it over, when the former holder goes', () => {
    const model = new Model(driverTable());
    const { container } = world();
    const old = { ...container('web'), id: 'old' };
    model.apply([
      { table: 'containers', put: old },
      { table: 'containers', put: { ...old, id: 'new' } },
      { table: 'containers', remove: 'old' },
      put(network('old', 'net')),
      put(network('new', 'net')),
      { table: 'networks', remove: 'old' },
    ]);
    expect([model.containerByName('web')?.id, model.networkByName('net')?.id]).toEqual(['new', 'new']);
  });

  it('keeps a container’s new sandbox when its former one goes after', () => {
    const model = new Model(driverTable());
    model.apply([{ table: 'sandboxes', put: sandbox('old', 'c') }]);
    model.apply([
      { table: 'sandboxes', put: sandbox('new', 'c') },
      { table: 'sandboxes', remove: 'old' },
    ]);
    expect(model.sandboxOfContainer('c')?.id).toBe('new');
    model.apply([{ table: 'sandboxes', remove: 'new' }]);
    expect(model.sandboxOfContainer('c')).toBeUndefined();
  });

  it('keeps who is parked under a name when another who was is gone', () => {
    const model = new Model(driverTable());
    const parked = { containerId: 'c', name: 'web' };
    model.apply([
      { table: 'sandboxes', put: sandbox('old', '', { parked }) },
      { table: 'sandboxes', put: sandbox('new', '', { parked }) },
      { table: 'sandboxes', remove: 'old' },
    ]);
    expect([model.parkedSandbox('c')?.id, model.parkedSandbox('web')?.id]).toEqual(['new', 'new']);
    model.apply([{ table: 'sandboxes', put: sandbox('new', 'c') }]);
    expect([model.parkedSandbox('c'), model.parkedSandbox('web')]).toEqual([undefined, undefined]);
  });

  it('counts the records of a table', () => {
    const model = new Model(driverTable());
    model.apply([put(network('1', 'a')), put(network('2', 'b')), put(network('1', 'c'))]);
    expect([model.count('networks'), model.count('containers')]).toEqual([2, 0]);
  });

  it('answers what takes the changes back, in the order in which to do that', () => {
    const model = new Model(driverTable());
    model.apply([put(network('1', 'a'))]);
    const inverse = model.apply([
      put(network('1', 'b')),
      put(network('2', 'a')),
      { table: 'networks', remove: '1' },
      { table: 'networks', remove: 'none' },
    ]);
    expect(inverse).toEqual([
      { table: 'networks', remove: 'none' },
      put(network('1', 'b')),
      { table: 'networks', remove: '2' },
      put(network('1', 'a')),
    ]);
    model.apply(inverse);
    expect([...model.all('networks')]).toEqual([network('1', 'a')]);
    expect(model.networkByName('a')?.id).toBe('1');
  });
});
