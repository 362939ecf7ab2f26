/** A driver that the engine knows nothing of: each endpoint has a VXLAN tunnel that somebody else makes. */
import { expect, test } from 'vitest';
import { planInside } from '../../src/drivers/inside.ts';
import { nothingThere } from '../../src/drivers/nothing.ts';
import { driverTable } from '../../src/drivers/table.ts';
import { releaseEndpoints, withPrepared } from '../../src/engine/prepared.ts';
import { fail } from '../../src/errors.ts';
import type { Driver } from '../../src/model/driver.ts';
import { world } from '../../src/model/fixture.ts';
import { openSandbox } from '../../src/model/sandboxes.ts';
import { closeSandbox } from '../../src/model/sharing.ts';
import { adoptedOwner } from '../../src/objects/owner.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { openBoxes, reconcilerOn } from './reconcile-rig.ts';
import { uplink } from './rig.ts';

const { rig, kernel } = openBoxes();
const options = (remote: string) => ['id', '77', 'remote', remote, 'dstport', '4789', 'nolearning'];

const tunnel: Driver = {
  ...nothingThere,
  name: 'tunnel',
  scope: 'global',
  singleInstance: false,
  needsAddresses: true,
  hasInterfaces: true,
  sharesHost: false,
  sharesLink: false,
  validate({ options: { remote } }) {
    if (!remote) throw fail('NETWORK_OPTION_INVALID', 'a tunnel network needs -o remote=ADDRESS');
  },
  wantsGateway: () => false,
  endpointShape: () => ({ ifname: '', ifPrefix: 'tun', hostLink: '', mac: true }),
  async prepare({ id, network }) {
    const link = `vx${id.slice(0, 8)}`;
    rig.run('host', 'ip', 'link', 'add', link, 'type', 'vxlan', ...options(network.options.remote ?? ''));
    return { link, mac: '02:77:00:00:00:01' };
  },
  async release(_endpoint, { link = '' }) {
    rig.run('host', 'ip', 'link', 'del', link);
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

test('a driver that is handed in has networks, endpoints and links like any other', async () => {
  const here = world({ drivers: driverTable([tunnel]), namespaces: rig.path('boxes') });
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
  const core = { model, dice: here.networkContext.dice, logger: createLogger('fatal') };
  const lines: string[] = [];
  const reconciler = reconcilerOn(kernel, model, rig, lines);
  const sandbox = await withPrepared(core, container.networks, async (prepared) => {
    const opened = openSandbox(model, container, { ...here.sandboxContext, prepared });
    model.apply(opened.changes);
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
  model.apply(closeSandbox(model, sandbox.id));
  await reconciler.convergeSandbox(sandbox.id);
  const link = endpoint?.answers?.link ?? '';
  expect(rig.run('host', 'ip', '-d', 'link', 'show', link)).not.toContain('alias');
  await releaseEndpoints(core, endpoint ? [endpoint] : []);
  expect(() => rig.run('host', 'ip', 'link', 'show', link)).toThrow();
  await reconciler.close();
});

test('what was prepared is taken back where the endpoint cannot be made', async () => {
  const here = world({ drivers: driverTable([tunnel]), namespaces: rig.path('boxes') });
  here.network('far', { driver: 'tunnel', options: { remote: uplink.outside } });
  const core = { model: here.model, dice: here.networkContext.dice, logger: createLogger('fatal') };
  const made = withPrepared(core, [here.ask('far')], async (prepared) => {
    const [{ answers } = {}] = [...prepared.values()];
    expect(rig.run('host', 'ip', 'link', 'show', answers?.link ?? '')).toContain('vx');
    throw new Error('no address left');
  });
  await expect(made).rejects.toThrow('no address left');
  expect(rig.run('host', 'ip', 'link', 'show')).not.toMatch(/ vx/);
});
