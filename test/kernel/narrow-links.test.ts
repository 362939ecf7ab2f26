/** Linux takes IPv6 from links whose MTU is below 1280: networks on such links are there all the same. */
import { expect, test } from 'vitest';
import type { Network } from '../../src/model/network.ts';
import { endpoint, modelOf, network, pool, sandbox } from '../golden/plans/world.ts';
import { openBoxes, reconcilerOn } from './reconcile-rig.ts';
import { uplink } from './rig.ts';

const { rig, kernel } = openBoxes();
const mtu = (value: string) => ({ 'com.docker.network.driver.mtu': value });
const mtuOf = (where: string, link: string) => rig.ip(where, 'link', 'show', link)[0]?.mtu;

/** The network with one sandbox on it, converged. */
async function up(on: Network, address: string) {
  const box = sandbox(on.name, { path: `${rig.path('boxes')}/${on.name}` });
  const end = endpoint({ network: on, sandbox: box }, { addresses: [address] });
  const model = modelOf({ networks: [on], sandboxes: [box], endpoints: [end] });
  const lines: string[] = [];
  const reconciler = reconcilerOn(kernel, model, rig, lines);
  const converge = async () => {
    const before = lines.length;
    await reconciler.convergeNetwork(on.id);
    await reconciler.convergeSandbox(box.id);
    return lines.slice(before);
  };
  await converge();
  expect(await converge()).toEqual([]);
  return { box, converge };
}

test.each(['68', '576', '1279'])('a bridge network with MTU %s', async (value) => {
  const subnet = value.slice(-2);
  const net = network(`m${value}`, {
    options: mtu(value),
    pools: [pool(`10.${subnet}.0.0/24`, `10.${subnet}.0.1`)],
  });
  const { box } = await up(net, `10.${subnet}.0.2/24`);
  expect([mtuOf('host', net.link), mtuOf(box.path, 'eth0')]).toEqual([Number(value), Number(value)]);
  expect(rig.run(box.path, 'busybox', 'ping', '-c1', '-W2', '-s', '8', `10.${subnet}.0.1`)).toContain(
    ' 0% packet',
  );
});

test('networks that follow an uplink below 1280 and back keep IPv6 off, or on', async () => {
  const four = network('four', { pools: [pool('10.4.0.0/24', '10.4.0.1')] });
  const six = network('six', {
    enableIPv6: true,
    pools: [pool('10.6.0.0/24', '10.6.0.1'), pool('fd06::/64', 'fd06::1')],
  });
  rig.run('host', 'ip', 'link', 'set', uplink.name, 'mtu', '1200');
  const plain = await up(four, '10.4.0.2/24');
  const dual = await up(six, 'fd06::2/64');
  expect([mtuOf('host', four.link), mtuOf('host', six.link)]).toEqual([1200, 1280]);
  expect(rig.run(dual.box.path, 'busybox', 'ping', '-6', '-c1', '-W2', 'fd06::1')).toContain(
    ' 0% packet loss',
  );
  rig.run('host', 'ip', 'link', 'set', uplink.name, 'mtu', '1500');
  for (const { converge } of [plain, dual]) {
    await converge();
    expect(await converge()).toEqual([]);
  }
  expect([mtuOf('host', four.link), mtuOf(plain.box.path, 'eth0')]).toEqual([1500, 1500]);
  for (const [where, link] of [
    ['host', four.link],
    [plain.box.path, 'eth0'],
  ] as const)
    expect(rig.run(where, 'cat', `/proc/sys/net/ipv6/conf/${link}/disable_ipv6`).trim()).toBe('1');
});

test('macvlan on a narrow parent has IPv4, and says why it cannot have IPv6', async () => {
  rig.run('host', 'ip', 'link', 'set', uplink.name, 'mtu', '1200');
  const options = { parent: uplink.name };
  const wire = network('wire', {
    driver: 'macvlan',
    options,
    pools: [pool('203.0.113.0/24', '203.0.113.1')],
  });
  const { box } = await up(wire, '203.0.113.9/24');
  expect(mtuOf(box.path, 'eth0')).toBe(1200);
  const both = network('both', {
    driver: 'macvlan',
    options,
    enableIPv6: true,
    pools: [pool('fd0b::/64', 'fd0b::1')],
  });
  await expect(up(both, 'fd0b::9/64')).rejects.toThrow('its MTU is 1200, and IPv6 needs at least 1280');
  rig.run('host', 'ip', 'link', 'set', uplink.name, 'mtu', '1500');
});
