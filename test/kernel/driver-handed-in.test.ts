/** A driver that the engine knows nothing of: each endpoint has a VXLAN tunnel that somebody else makes. */
import { expect, test } from 'vitest';
import { planInside } from '../../src/drivers/inside.ts';
import { nothingThere } from '../../src/drivers/nothing.ts';
import { driverTable } from '../../src/drivers/table.ts';
import { forgetIn, Outbox } from '../../src/engine/outbox.ts';
import { Preparations } from '../../src/engine/preparations.ts';
import { withPrepared } from '../../src/engine/prepared.ts';
import { createRecords } from '../../src/engine/records.ts';
import { fail } from '../../src/errors.ts';
import type { Driver } from '../../src/model/driver.ts';
import type { PluginCall } from '../../src/model/outbox.ts';
import { owedBy } from '../../src/model/owed-calls.ts';
import { openSandbox } from '../../src/model/sandboxes.ts';
import { closeSandbox } from '../../src/model/sharing.ts';
import { adoptedOwner } from '../../src/objects/owner.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { openPlugins } from '../../src/plugins/plugins.ts';
import { Retries } from '../../src/reconcile/retries.ts';
import type { Store } from '../../src/store/store.ts';
import { world } from '../model/fixture.ts';
import { openBoxes, reconcilerOn } from './reconcile-rig.ts';
import { uplink } from './rig.ts';

const { rig, kernel } = openBoxes();
const options = (remote: string) => ['id', '77', 'remote', remote, 'dstport', '4789', 'nolearning'];

const linkOf = (endpointId: string): string => `vx${endpointId.slice(0, 8)}`;
const removal = (endpointId: string): PluginCall => ({
  ...{ plugin: 'tunnel', role: 'NetworkDriver', method: 'remove' },
  body: { link: linkOf(endpointId) },
});

interface TunnelOptions {
  readonly remote: string;
}

const tunnel: Driver<TunnelOptions> = {
  ...nothingThere,
  name: 'tunnel',
  scope: 'global',
  singleInstance: false,
  needsAddresses: true,
  hasInterfaces: true,
  sharesHost: false,
  sharesLink: false,
  parse: ({ remote = '' }) => ({ remote }),
  validate({ parsed }) {
    if (!parsed.driver.remote)
      throw fail('NETWORK_OPTION_INVALID', 'a tunnel network needs -o remote=ADDRESS');
  },
  wantsGateway: () => false,
  endpointShape: () => ({ ifname: '', ifPrefix: 'tun', hostLink: '', mac: true }),
  asking: {
    async prepareEndpoint({ id, network: { parsed } }, ledger) {
      const { remote } = parsed.driver as TunnelOptions;
      const link = linkOf(id);
      await ledger.ask(removal(id), async () => {
        rig.run('host', 'ip', 'link', 'add', link, 'type', 'vxlan', ...options(remote));
      });
      return { link, mac: '02:77:00:00:00:01' };
    },
    endpointGone: (_network, { id }) => [removal(id)],
    networkGone: () => [],
  },
  planEndpoint(place) {
    const { endpoint, sandbox } = place;
    const from = endpoint.answers?.link ?? '';
    return [
      {
        kind: 'link',
        type: 'adopted',
        ns: sandbox.id,
        name: endpoint.ifname,
        owner: adoptedOwner(endpoint.id, from),
        mtu: 1400,
        mac: endpoint.mac,
        from,
      },
      ...planInside(place, { byDevice: false, acceptAdvertisements: false }),
    ];
  },
};

/** What endpoints are prepared with: records without a disk. */
async function coreOf({ model, networkContext: { generate } }: ReturnType<typeof world>) {
  const logger = createLogger('fatal');
  const retries = new Retries(logger);
  const store = { commit: async () => undefined } as Pick<Store, 'commit'> as Store;
  const records = createRecords(model, store, {
    ...{ hostNames: false, retries },
    owedBy: (view, changes) => owedBy(view, changes, generate),
  });
  const ask = async ({ body }: PluginCall) => void rig.run('host', 'ip', 'link', 'del', String(body.link));
  const outbox = new Outbox({ view: model, forget: forgetIn(records), retries, logger, ask });
  // before, nothing is asked of anybody
  await outbox.workAll();
  const plugins = openPlugins({ folders: [], timeout: 1000, logger });
  // before that nothing is asked
  await outbox.workAll();
  return { model, generate, logger, records, outbox, plugins, preparations: new Preparations() };
}

test('a driver that is handed in has networks, endpoints and links like any other', async () => {
  const here = world({ drivers: driverTable({ more: [tunnel] }), namespaces: rig.path('boxes') });
  const { model } = here;
  expect(() => here.network('wrong', { driver: 'tunnel' })).toThrow(
    'a tunnel network needs -o remote=ADDRESS',
  );
  const pools = [{ subnet: '10.77.0.0/24', auxAddresses: {} }];
  const net = here.network('far', {
    driver: 'tunnel',
    options: { remote: uplink.outside },
    ipam: { driver: '', options: {}, pools },
  });
  const container = here.container('web', { hostConfig: { NetworkMode: 'far' } });
  const core = await coreOf(here);
  const lines: string[] = [];
  const reconciler = reconcilerOn(kernel, model, rig, lines);
  const destination = { name: 'web', sandboxPath: '', sysctls: {}, container };
  const specs = container.networks;
  const sandbox = await withPrepared(core, { specs, destination }, async (prepared) => {
    const { decided: opened } = await core.records.transact((view) =>
      openSandbox(view, container, { ...here.sandboxContext, prepared }),
    );
    await reconciler.convergeNetwork(net.id);
    await reconciler.convergeSandbox(opened.sandbox.id);
    await reconciler.convergeFirewall();
    return opened.sandbox;
  });

  const [endpoint] = model.endpointsOfSandbox(sandbox.id);
  expect(endpoint).toMatchObject({ ifname: 'tun0', mac: '02:77:00:00:00:01', addresses: ['10.77.0.1/24'] });
  rig.run('outside', 'ip', 'link', 'add', 'vx77', 'type', 'vxlan', ...options(uplink.address));
  rig.run('outside', 'ip', 'address', 'add', '10.77.0.9/24', 'dev', 'vx77');
  rig.run('outside', 'ip', 'link', 'set', 'vx77', 'up');
  expect(rig.run(sandbox.path, 'busybox', 'ping', '-c1', '-W3', '10.77.0.9')).toContain(' 0% packet loss');
  expect(rig.run(sandbox.path, 'ip', '-d', 'link', 'show', 'tun0')).toMatch(/mtu 1400[\s\S]*vxlan id 77/);

  const settled = lines.length;
  await reconciler.convergeSandbox(sandbox.id);
  expect(lines.slice(settled)).toEqual([]);

  // what was adopted goes back under its name to whoever made it
  expect([...model.all('outbox')]).toEqual([]);
  const { owed } = await core.records.transact((view) => closeSandbox(view, sandbox.id));
  await reconciler.convergeSandbox(sandbox.id);
  const link = endpoint?.answers?.link ?? '';
  expect(rig.run('host', 'ip', '-d', 'link', 'show', link)).not.toContain('alias');
  await core.outbox.work(owed);
  expect([...model.all('outbox')]).toEqual([]);
  expect(() => rig.run('host', 'ip', 'link', 'show', link)).toThrow();
  await reconciler.close();
});

test('what was prepared is taken back where the endpoint cannot be made', async () => {
  const here = world({ drivers: driverTable({ more: [tunnel] }), namespaces: rig.path('boxes') });
  here.network('far', { driver: 'tunnel', options: { remote: uplink.outside } });
  const core = await coreOf(here);
  const destination = { name: 'web', sandboxPath: '', sysctls: {} };
  const made = withPrepared(core, { specs: [here.spec('far')], destination }, async (prepared) => {
    const [{ answers } = {}] = [...prepared.values()];
    expect(rig.run('host', 'ip', 'link', 'show', answers?.link ?? '')).toContain('vx');
    // nobody else is given the address meanwhile, and a crash here leaves what is to be taken back
    expect([...core.model.all('outbox')]).toMatchObject([
      { method: 'remove', holds: { addresses: [expect.any(String)] } },
    ]);
    throw new Error('no address left');
  });
  await expect(made).rejects.toThrow('no address left');
  expect(rig.run('host', 'ip', 'link', 'show')).not.toMatch(/ vx/);
});
