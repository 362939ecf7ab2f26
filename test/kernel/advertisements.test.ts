/** A container that poses as a router (CVE-2020-13401) makes itself heard by nobody whom the engine looks after. */
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { convergeAll, openBoxes, pair, reconcilerOn } from './reconcile-rig.ts';

const { rig, kernel } = openBoxes();
const world = pair(rig);
const [rogue, other] = world.boxes.map(({ box }) => box.path);
const reconciler = reconcilerOn(kernel, world.model, rig);
const bridge = world.web.link;
const bystander = rig.path('bystander');

const learnt = (where: string, link: string): string =>
  [
    rig.run(where, 'ip', '-6', 'route', 'show', 'default', 'dev', link),
    rig.run(where, 'ip', '-6', 'addr', 'show', 'dev', link),
  ].join('');

beforeAll(async () => {
  // nothing but the engine's own settings keeps the host from listening
  for (const name of ['all', 'default'])
    rig.run('host', 'sysctl', '-qw', `net.ipv6.conf.${name}.accept_ra=2`);
  await convergeAll(reconciler, world);
  const name = bystander.split('/').at(-1) ?? '';
  const lines = [
    `ip netns add ${name}`,
    `ip link add by0 master ${bridge} type veth peer name eth0 netns ${name}`,
    'ip link set by0 up',
    `ip -n ${name} link set eth0 up`,
  ];
  for (const line of lines) rig.run('host', ...line.split(' '));
  await advertise();
});

async function advertise(): Promise<void> {
  const { ifindex, address } = rig.ip(rogue ?? '', 'link', 'show', 'eth0')[0] ?? {};
  const program = fileURLToPath(new URL('rogue-router.ts', import.meta.url));
  await pause(300);
  rig.run(rogue ?? '', process.execPath, program, `${ifindex}`, `${address}`);
  await pause(300);
}

test('the advertisement is one: a stranger on the bridge takes it', () => {
  expect(learnt(bystander, 'eth0')).toContain('default via fe80::99');
  expect(learnt(bystander, 'eth0')).toContain('inet6 fd99:');
});

test('the host has no route and no address of it', () => {
  expect(learnt('host', bridge)).not.toMatch(/default via|fd99/);
});

test('nor has another container', () => {
  const text = learnt(other ?? '', 'eth0');
  expect(text).not.toMatch(/fe80::99|fd99/);
  expect(text).toContain('fd00:30::3');
});

test('it is the engine that keeps the host from listening, again and again', async () => {
  const key = `net.ipv6.conf.${bridge}.accept_ra`;
  rig.run('host', 'sysctl', '-qw', `${key}=2`);
  await advertise();
  expect(learnt('host', bridge)).toContain('default via fe80::99');
  await reconciler.convergeNetwork(world.web.id);
  expect(rig.run('host', 'sysctl', '-n', key).trim()).toBe('0');
});

test('all of it goes', async () => {
  rig.run('host', 'ip', 'link', 'del', 'by0');
  await reconciler.close();
});
