import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { driverTable } from '../drivers/table.ts';
import type { Asking } from './driver.ts';
import { aboutEndpoint, type OutboxEntry, type PluginCall } from './outbox.ts';
import { owedBy, owedByAll } from './owed-calls.ts';
import { connectSandbox, openSandbox } from './sandboxes.ts';
import { closeSandbox } from './sharing.ts';
import type { Change } from './tables.ts';

const call = (method: string, id: string): PluginCall => ({
  ...{ plugin: 'weave', role: 'NetworkDriver', method, body: { id } },
});
const asking: Asking = {
  prepareEndpoint: async () => ({}),
  closing: (_network, { id }) => [call('Revoke', id)],
  endpointGone: (_network, { id }) => [call('Leave', id), call('DeleteEndpoint', id)],
  networkGone: ({ id }) => [call('DeleteNetwork', id)],
};

/** A container on a network of a plugin, whose addresses are another plugin's. */
function weave() {
  const here = world({ drivers: driverTable({ asking: () => asking }) });
  const lease = { id: 'pool', space: 'local', addresses: ['10.7.0.1'] };
  const given = [{ subnet: '10.7.0.0/24', gateway: '10.7.0.1', auxAddresses: {}, lease }];
  Object.assign(here.networkContext, { given });
  const network = here.network('net', {
    driver: 'weave',
    ipam: { driver: 'given', options: {}, pools: [] },
  });
  const container = here.container('web', { hostConfig: { NetworkMode: 'net' } });
  const leases = [{ pool: 'pool', address: '10.7.0.9' }];
  const answers = { link: 'wv0', gateway4: '10.7.0.1' };
  const prepared = new Map([[network.id, { id: 'e1', answers, addresses: ['10.7.0.9/24'], leases }]]);
  const opened = openSandbox(here.model, container, { ...here.sandboxContext, prepared });
  return { ...here, net: network, container, opened };
}

const methods = (changes: readonly Change[]): readonly string[] =>
  changes.flatMap((one) => ('put' in one && one.table === 'outbox' ? [one.put.method] : []));

describe('what plugins are owed', () => {
  it('is nothing for what comes, which takes its entries out of the outbox', () => {
    const { model, networkContext, opened } = weave();
    const entry = (state: OutboxEntry['state']): OutboxEntry => ({
      ...{ ...call('Leave', 'e1'), id: state, about: aboutEndpoint('e1'), since: '', state },
    });
    const puts = (['asked', 'given', 'due'] as const).map(
      (state): Change => ({ table: 'outbox', put: entry(state) }),
    );
    model.apply(puts);
    expect(owedBy(model, opened.changes, networkContext.generate)).toEqual([
      { table: 'outbox', remove: 'asked' },
      { table: 'outbox', remove: 'given' },
    ]);
  });

  it('is all that an endpoint was given, in Docker’s order', () => {
    const { model, networkContext, opened } = weave();
    model.apply(opened.changes);
    const owed = owedBy(model, closeSandbox(model, opened.sandbox.id), networkContext.generate);
    expect(methods(owed)).toEqual(['Revoke', 'Leave', 'DeleteEndpoint', 'IpamDriver.ReleaseAddress']);
    const ids = owed.flatMap((one) => ('put' in one && one.table === 'outbox' ? [one.put.id] : []));
    expect(ids.toSorted()).toEqual(ids);
  });

  it('is all that was given when everything ends, what waits already first', () => {
    const { model, opened } = weave();
    model.apply(opened.changes);
    const before = {
      ...call('Before', 'x'),
      id: '2026',
      about: 'endpoint:x',
      since: '',
      state: 'due',
    } as const;
    model.apply([{ table: 'outbox', put: before }]);
    const unmount = { ...call('Unmount', 'v'), body: { Name: 'v', ID: 'm' } };
    const owed = owedByAll(model, [unmount]);
    expect(owed.map(({ method, about }) => `${method} ${about.split(':')[0]}`)).toEqual([
      ...['Before endpoint', 'Revoke endpoint', 'Leave endpoint', 'DeleteEndpoint endpoint'],
      ...['IpamDriver.ReleaseAddress endpoint', 'IpamDriver.ReleaseAddress network'],
      ...['IpamDriver.ReleasePool network', 'DeleteNetwork network', 'Unmount mount'],
    ]);
    expect(owed.map(({ id }) => id).toSorted()).toEqual(owed.map(({ id }) => id));
  });

  it('is the way out of an endpoint that stays without it', () => {
    const here = weave();
    const { model, networkContext, sandboxContext, opened, container } = here;
    model.apply(opened.changes);
    here.network('aaa');
    const spec = here.spec('aaa', { gwPriority: 1 });
    const { sandbox } = opened;
    const { changes } = connectSandbox(model, { container, sandbox, spec }, sandboxContext);
    expect(methods(owedBy(model, changes, networkContext.generate))).toEqual(['Revoke']);
  });

  it('is addresses, pools and then the network itself', () => {
    const { model, networkContext, net } = weave();
    const owed = owedBy(model, [{ table: 'networks', remove: net.id }], networkContext.generate);
    expect(methods(owed)).toEqual(['IpamDriver.ReleaseAddress', 'IpamDriver.ReleasePool', 'DeleteNetwork']);
  });
});

describe('addresses that are kept for a request', () => {
  it('are given to nobody else until its entry goes', () => {
    const { model, ...here } = world();
    const { id: networkId } = here.network('net', {
      ipam: { driver: '', options: {}, pools: [{ subnet: '10.9.0.0/24', auxAddresses: {} }] },
    });
    const holds = { networkId, addresses: ['10.9.0.2/24'] };
    const put: OutboxEntry = {
      ...{ ...call('Leave', 'e'), id: 'o', about: aboutEndpoint('e'), since: '', state: 'asked', holds },
    };
    const inverse = model.apply([{ table: 'outbox', put }]);
    expect(model.leases.firstFree(networkId, 4)).toBe('10.9.0.3/24');
    model.apply(inverse);
    expect(model.leases.firstFree(networkId, 4)).toBe('10.9.0.2/24');
  });
});
