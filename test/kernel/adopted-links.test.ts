/** Links that somebody else has made: moved into a sandbox, and given back whatever happens meanwhile. */
import { expect, test } from 'vitest';
import { driverTable } from '../../src/drivers/table.ts';
import type { Driver } from '../../src/model/driver.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { openSandbox } from '../../src/model/sandboxes.ts';
import { closeSandbox } from '../../src/model/sharing.ts';
import { adoptedOwner } from '../../src/objects/owner.ts';
import { world } from '../model/fixture.ts';
import { linkDriver } from '../model/link-driver.ts';
import { openBoxes, reconcilerOn } from './reconcile-rig.ts';

const { rig, kernel } = openBoxes();

/** Takes the interface `lent`, of which the maker keeps the other end. */
const lending: Driver = {
  ...linkDriver,
  name: 'lending',
  scope: 'local',
  wantsGateway: () => false,
  endpointShape: () => ({ ifname: '', ifPrefix: 'ethwe', hostLink: '', mac: false }),
  planEndpoint: ({ network, endpoint, sandbox }) => [
    {
      ...{ kind: 'link', type: 'adopted', ns: sandbox.id, name: endpoint.ifname, from: 'lent' },
      ...{ owner: adoptedOwner(endpoint.id, 'lent'), mtu: Number(network.options.mtu ?? 0) },
    },
    ...endpoint.addresses.map((address) => {
      return { kind: 'address', ns: sandbox.id, link: endpoint.ifname, address } as const;
    }),
  ],
};

const host = (...words: readonly string[]): string => rig.run('host', 'ip', ...words);

/** What somebody else lends: one end of a pair whose other end has an address. */
function lend(): void {
  host('link', 'add', 'kept', 'type', 'veth', 'peer', 'name', 'lent');
  host('link', 'set', 'kept', 'up');
  host('address', 'add', '10.88.0.254/24', 'dev', 'kept');
}

/** The link as it was lent: on the host, under its name, and nobody's. */
function expectGivenBack(name = 'lent'): void {
  expect(host('-d', 'link', 'show', name)).not.toContain('alias');
  expect(host('link', 'show', 'kept')).toContain(`kept@${name}`);
}

/** A sandbox in the records that is to have the lent interface. */
function borrower(options: Readonly<Record<string, string>> = {}) {
  const here = world({ drivers: driverTable({ more: [lending] }), namespaces: rig.path('boxes') });
  const { model } = here;
  const pools = [{ subnet: '10.88.0.0/24', auxAddresses: {} }];
  here.network('far', { driver: 'lending', options, ipam: { driver: '', options: {}, pools } });
  const container = here.container('web', { hostConfig: { NetworkMode: 'far' } });
  const opened = openSandbox(model, container, here.sandboxContext);
  model.apply(opened.changes);
  const lines: string[] = [];
  const reconciler = reconcilerOn(kernel, model, rig, lines);
  const { id, path } = opened.sandbox;
  return { model, reconciler, id, path, lines, converge: () => reconciler.convergeSandbox(id) };
}

async function withLent(test: () => Promise<void>): Promise<void> {
  lend();
  try {
    await test();
  } finally {
    host('link', 'del', 'kept');
  }
}

test('a lent link is the sandbox’s, and goes back with the endpoint or with the sandbox', () =>
  withLent(async () => {
    const { model, reconciler, id, path, converge } = borrower();
    await converge();
    expect(rig.run(path, 'ip', 'link', 'show', 'ethwe0')).toContain('state UP');
    expect(rig.run('host', 'busybox', 'ping', '-c1', '-W3', '10.88.0.1')).toContain(' 0% packet loss');
    expect(await converge()).toBe(0);

    const [endpoint] = model.endpointsOfSandbox(id);
    const { id: endpointId } = endpoint as Endpoint;
    const taken = model.apply([{ table: 'endpoints', remove: endpointId }]);
    await converge();
    expectGivenBack();

    model.apply(taken);
    await converge();
    expect(rig.run(path, 'ip', 'address', 'show', 'ethwe0')).toContain('10.88.0.1/24');
    model.apply(closeSandbox(model, id));
    await converge();
    expectGivenBack();
    await reconciler.close();
  }));

test('one whose name another link has meanwhile goes back under a name of the kernel’s', () =>
  withLent(async () => {
    const { model, reconciler, id, converge } = borrower();
    await converge();
    host('link', 'add', 'lent', 'type', 'bridge');
    model.apply(closeSandbox(model, id));
    await converge();
    host('link', 'del', 'lent');
    const [, name = ''] = /kept@(\w+)/.exec(host('link', 'show', 'kept')) ?? [];
    expect(name).toMatch(/^dev\d+$/);
    expectGivenBack(name);
    await reconciler.close();
  }));

test('one that cannot be as planned is given back', () =>
  withLent(async () => {
    const { reconciler, model, id, converge } = borrower({ mtu: '70000' });
    await expect(converge()).rejects.toThrow(/change link \d+ .*mtu 70000/);
    expectGivenBack();
    model.apply(closeSandbox(model, id));
    await converge();
    expectGivenBack();
    await reconciler.close();
  }));

test('one that is the engine’s own is never taken', () =>
  withLent(async () => {
    const { reconciler, converge } = borrower();
    host('link', 'set', 'lent', 'alias', 'seaway:endpoint:0123456789ab');
    await expect(converge()).rejects.toThrow('adopt link "lent": it is the engine’s own');
    expect(host('link', 'show', 'kept')).toContain('kept@lent');
    await reconciler.close();
  }));

test('one that its maker took away is missed by name, and taken again when it is there again', async () => {
  const { reconciler, model, id, path, converge } = borrower();
  await expect(converge()).rejects.toThrow('link "lent" is not there');
  await withLent(async () => {
    await converge();
    expect(rig.run(path, 'ip', 'address', 'show', 'ethwe0')).toContain('10.88.0.1/24');
    host('link', 'del', 'kept');
    await expect(converge()).rejects.toThrow('link "lent" is not there');
    lend();
    await converge();
    expect(rig.run(path, 'ip', 'address', 'show', 'ethwe0')).toContain('10.88.0.1/24');
    model.apply(closeSandbox(model, id));
    await converge();
  });
  await reconciler.close();
});

test('a sweep gives back those of sandboxes that nobody knows, and of the host', () =>
  withLent(async () => {
    const { model, reconciler, id, path, converge } = borrower();
    await converge();
    await reconciler.close();
    model.apply(closeSandbox(model, id));
    const next = reconcilerOn(kernel, model, rig);
    await next.sweep();
    expect(kernel.listNamespaces(rig.path('boxes'))).not.toContain(path);
    expectGivenBack();

    host('link', 'set', 'lent', 'alias', adoptedOwner('ab12', 'first'));
    await next.sweep();
    expectGivenBack('first');
    await next.close();
  }));
