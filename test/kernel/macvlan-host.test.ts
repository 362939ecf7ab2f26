/** `-o seaway.host_access=true`: the host reaches its own macvlan endpoints, and nobody else loses the way. */
import { expect, test } from 'vitest';
import { endpoint, modelOf, network, pool, sandbox } from '../golden/plans/world.ts';
import { hostLinks, openBoxes, reconcilerOn } from './reconcile-rig.ts';
import { uplink } from './rig.ts';

const { rig, kernel } = openBoxes();
const near = network('near', {
  driver: 'macvlan',
  enableIPv6: true,
  options: { parent: uplink.name, 'seaway.host_access': 'true' },
  pools: [
    pool('203.0.113.0/24', '203.0.113.1', { auxAddresses: { host: '203.0.113.2' } }),
    pool('fd00:113::/64', 'fd00:113::1', { auxAddresses: { host: 'fd00:113::2' } }),
  ],
});
const shim = `mh-${near.id.slice(0, 12)}`;

const box = (name: string, last: string) => {
  const made = sandbox(name, { path: `${rig.path('boxes')}/${name}` });
  const addresses = [`203.0.113.${last}/24`, `fd00:113::${last}/64`];
  return { box: made, end: endpoint({ network: near, sandbox: made }, { addresses }) };
};
const a = box('a', '70');
const b = box('b', '71');
const ping = (from: string, to: string) =>
  rig.run(from, 'busybox', 'ping', ...(to.includes(':') ? ['-6'] : []), '-c1', '-W2', to);
const routes = () => rig.run('host', 'ip', 'route', 'show', 'dev', shim).trim();

test('the host and its macvlan endpoints reach each other by a link that goes with the network', async () => {
  const model = modelOf({ networks: [near], sandboxes: [a.box, b.box], endpoints: [a.end, b.end] });
  const lines: string[] = [];
  const reconciler = reconcilerOn(kernel, model, rig, lines);
  await reconciler.convergeNetwork(near.id);
  for (const { box: one } of [a, b]) await reconciler.convergeSandbox(one.id);
  for (const to of ['203.0.113.70', '203.0.113.71', 'fd00:113::70'])
    expect(ping('host', to)).toContain(' 0% packet loss');
  for (const to of ['203.0.113.2', 'fd00:113::2', '203.0.113.71'])
    expect(ping(a.box.path, to)).toContain(' 0% packet loss');
  expect(rig.run('host', 'ip', '-d', 'link', 'show', shim)).toContain('macvlan mode bridge');
  // who is outside still finds the host at its own link
  expect(ping('outside', uplink.address.split('/')[0] ?? '')).toContain(' 0% packet loss');
  const own = /link\/ether (\S+)/.exec(rig.run('host', 'ip', 'link', 'show', uplink.name))?.[1] ?? '-';
  expect(rig.run('outside', 'ip', 'neigh', 'show', uplink.address.split('/')[0] ?? '')).toContain(own);

  const settled = lines.length;
  await reconciler.convergeNetwork(near.id);
  expect(lines.slice(settled)).toEqual([]);

  model.apply([
    { table: 'endpoints', remove: b.end.id },
    { table: 'sandboxes', remove: b.box.id },
  ]);
  await reconciler.convergeSandbox(b.box.id);
  await reconciler.convergeNetwork(near.id, { sandboxes: false });
  expect(routes()).toMatch(/^203\.0\.113\.70 \S.*$/);

  // an engine that comes later finds all of it, puts back what is lost and removes all of it
  const later = reconcilerOn(kernel, model, rig);
  rig.run('host', 'ip', 'link', 'del', shim);
  await later.convergeNetwork(near.id);
  expect(ping('host', '203.0.113.70')).toContain(' 0% packet loss');
  model.apply([
    { table: 'endpoints', remove: a.end.id },
    { table: 'sandboxes', remove: a.box.id },
    { table: 'networks', remove: near.id },
  ]);
  await later.convergeSandbox(a.box.id);
  await later.convergeNetwork(near.id);
  expect(hostLinks(rig)).toEqual([]);
  await reconciler.close();
  await later.close();
});
