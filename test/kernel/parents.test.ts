/**
 * Networks that hang on a link of the host (macvlan, ipvlan), in every mode: what `ip -d -j` says of an
 * endpoint, whom its packets reach, and what is left of the parent. What the kernel lacks is skipped by name.
 */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Network } from '../../src/model/network.ts';
import type { Sandbox } from '../../src/model/sandbox.ts';
import type { Reconciler } from '../../src/reconcile/reconciler.ts';
import { endpoint, modelOf, network, pool, sandbox } from '../golden/plans/world.ts';
import { hostLinks, openBoxes, reconcilerOn } from './reconcile-rig.ts';
import { type Rig, uplink } from './rig.ts';

const { rig, kernel } = openBoxes();

/** Whether the kernel makes links of a type. */
function has(type: string, ...rest: readonly string[]): boolean {
  try {
    rig.run('host', 'ip', 'link', 'add', 'link', uplink.name, 'name', 'probe0', 'type', type, ...rest);
  } catch {
    return false;
  }
  rig.run('host', 'ip', 'link', 'del', 'probe0');
  return true;
}

const present = {
  macvlan: has('macvlan'),
  ipvlan: has('ipvlan'),
  vlan: has('vlan', 'id', '10'),
  dummy: has('dummy'),
};

/** A test that is run where the kernel has it, and says why where it is not. */
function where(type: keyof typeof present, name: string): readonly [boolean, string] {
  return [!present[type], present[type] ? name : `${name} (skipped: kernel lacks ${type})`];
}

interface Member {
  readonly box: Sandbox;
  readonly end: Endpoint;
}

/** A network and its members, converged; gone when the test is over. */
interface Standing {
  readonly members: readonly Member[];
  readonly reconciler: Reconciler;
}

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  expect(hostLinks(rig)).toEqual([]);
});

async function stand(
  { rig, kernel }: { readonly rig: Rig; readonly kernel: Kernel },
  on: Network,
  addresses: readonly (readonly string[])[],
): Promise<Standing> {
  const members = addresses.map((own, i) => {
    const box = sandbox(`${on.name}${i}`, { path: `${rig.path('boxes')}/${on.name}${i}` });
    const end = endpoint({ network: on, sandbox: box }, { addresses: own });
    const gateway6 = own.some((address) => address.includes(':')) ? end.id : '';
    return { box: { ...box, gateway4: end.id, gateway6 }, end };
  });
  const model = modelOf({
    networks: [on],
    sandboxes: members.map(({ box }) => box),
    endpoints: members.map(({ end }) => end),
  });
  const reconciler = reconcilerOn(kernel, model, rig);
  endings.push(async () => {
    for (const { box, end } of members) {
      model.apply([
        { table: 'endpoints', remove: end.id },
        { table: 'sandboxes', remove: box.id },
      ]);
      await reconciler.convergeSandbox(box.id);
    }
    model.apply([{ table: 'networks', remove: on.id }]);
    await reconciler.convergeNetwork(on.id);
    await reconciler.close();
  });
  await reconciler.convergeNetwork(on.id);
  for (const { box } of members) await reconciler.convergeSandbox(box.id);
  return { members, reconciler };
}

const physical = (
  driver: string,
  options: Readonly<Record<string, string>>,
  more: Parameters<typeof network>[1] = {},
) =>
  network(`${driver[0]}${Object.values(options).join('')}`.replaceAll(/\W/g, ''), {
    driver,
    options: { parent: uplink.name, ...options },
    pools: [pool('198.51.100.0/24', uplink.outside)],
    ...more,
  });

/** What `ip -d -j link` says of an interface inside. */
interface Shown {
  readonly mtu: number;
  readonly address: string;
  readonly linkinfo: { readonly info_kind: string; readonly info_data: Readonly<Record<string, unknown>> };
}
const shown = (box: Sandbox, name = 'eth0'): Shown =>
  rig.ip(box.path, 'link', 'show', 'dev', name)[0] as unknown as Shown;

/** One answer to three questions is enough: a busy machine loses the first one to the resolution of addresses. */
function reaches(from: string, to: string): boolean {
  try {
    return rig.run(from, 'busybox', 'ping', '-c3', '-i0.3', '-W1', to).includes(' bytes from ');
  } catch {
    return false;
  }
}

const world = { rig, kernel };
const two = [['198.51.100.70/24'], ['198.51.100.71/24']];
const [noMacvlan, macvlanName] = where('macvlan', 'macvlan');
const [noIpvlan, ipvlanName] = where('ipvlan', 'ipvlan');
const [noVlan, vlanName] = where('vlan', 'an 802.1q sub-interface is made and removed with the network');
const [noDummy, dummyName] = where('dummy', 'internal without a parent, members reach each other alone');

describe.skipIf(noMacvlan)(macvlanName, () => {
  test.for([
    ['bridge', true],
    ['private', false],
    ['vepa', false],
  ] as const)('in mode %s reaches the wire; members reach each other: %s', async ([mode, together]) => {
    const { members } = await stand(world, physical('macvlan', { macvlan_mode: mode }), two);
    const [first, second] = members.map(({ box }) => box);
    if (!first || !second) throw new Error('no members');
    expect(shown(first).linkinfo).toMatchObject({ info_kind: 'macvlan', info_data: { mode } });
    for (const { path } of [first, second]) expect(reaches(path, uplink.outside)).toBe(true);
    expect(reaches(first.path, '198.51.100.71')).toBe(together);
    expect(reaches('host', '198.51.100.70')).toBe(false);
  });

  test('in mode passthru has the parent to itself, and gives back what it has changed', async () => {
    const macOf = () => (rig.ip('host', 'link', 'show', uplink.name)[0] as unknown as Shown).address;
    const before = macOf();
    const on = physical('macvlan', { macvlan_mode: 'passthru' });
    const { members, reconciler } = await stand(world, on, two.slice(0, 1));
    const [first] = members;
    if (!first) throw new Error('no member');
    expect(shown(first.box)).toMatchObject({
      address: first.end.mac,
      linkinfo: { info_data: { mode: 'passthru' } },
    });
    expect(macOf()).toBe(first.end.mac);
    expect(reaches(first.box.path, uplink.outside)).toBe(true);
    await reconciler.convergeSandbox(first.box.id);
    for (const end of endings.splice(0)) await end();
    expect(macOf()).toBe(before);
  });

  test('has MTU, prefix, sysctls and both families as asked', async () => {
    const options = {
      'com.docker.network.driver.mtu': '1400',
      'com.docker.network.container_iface_prefix': 'lan',
    };
    const pools = [pool('198.51.100.0/24', uplink.outside), pool('2001:db8:51::/64', uplink.outside6)];
    const on = physical('macvlan', options, { enableIPv6: true, pools });
    const { members } = await stand(world, on, [['198.51.100.70/24', '2001:db8:51::70/64']]);
    const [first] = members;
    if (!first) throw new Error('no member');
    expect(shown(first.box, 'lan0').mtu).toBe(1400);
    expect(reaches(first.box.path, uplink.outside)).toBe(true);
    expect(reaches(first.box.path, uplink.outside6)).toBe(true);
    expect(rig.run(first.box.path, 'ip', '-6', 'route')).toContain(`default via ${uplink.outside6} dev lan0`);
  });

  test('internal with a parent has no way out but the wire', async () => {
    const on = physical('macvlan', {}, { internal: true });
    const { members } = await stand(world, on, two.slice(0, 1));
    expect(rig.run(members[0]?.box.path ?? '', 'ip', 'route')).not.toContain('default');
  });
});

describe.skipIf(noIpvlan)(ipvlanName, () => {
  beforeAll(() => void rig.run('outside', 'ip', 'route', 'add', '10.61.0.0/24', 'via', uplink.address));
  const flags = ['bridge', 'private', 'vepa'];
  const cases = ['l2', 'l3', 'l3s'].flatMap((mode) => flags.map((flag) => [mode, flag] as const));

  test.for(cases)('in mode %s with flag %s is so in the kernel', async ([mode, flag]) => {
    const own = mode === 'l2' ? '198.51.100' : '10.61.0';
    // in an L3 mode nobody answers ARP for the members: the world has a route by the parent
    const pools = mode === 'l2' ? [pool(`${own}.0/24`, uplink.outside)] : [pool(`${own}.0/24`)];
    const on = physical('ipvlan', { ipvlan_mode: mode, ipvlan_flag: flag }, { pools });
    const { members } = await stand(world, on, [[`${own}.70/24`], [`${own}.71/24`]]);
    const [first] = members.map(({ box }) => box);
    if (!first) throw new Error('no member');
    expect(shown(first).linkinfo).toMatchObject({ info_kind: 'ipvlan', info_data: { mode, [flag]: true } });
    const route = rig.run(first.path, 'ip', 'route', 'show', 'default');
    expect(route).toContain(mode === 'l2' ? `via ${uplink.outside}` : 'default dev eth0');
    expect(reaches(first.path, uplink.outside)).toBe(true);
    expect(reaches(first.path, `${own}.71`)).toBe(flag === 'bridge');
  });
});

describe('a parent that the engine makes', () => {
  const onVlan = physical('macvlan', { parent: `${uplink.name}.60` });
  const alone = network('alone', { driver: 'macvlan', internal: true, pools: [pool('10.51.0.0/24')] });

  test.skipIf(noVlan)(vlanName, async () => {
    const { members } = await stand(world, onVlan, two);
    expect(rig.ip('host', 'link', 'show', `${uplink.name}.60`)[0]).toMatchObject({
      linkinfo: { info_kind: 'vlan', info_data: { protocol: '802.1Q', id: 60 } },
    });
    const [first] = members;
    expect(reaches(first?.box.path ?? '', '198.51.100.71')).toBe(true);
    for (const end of endings.splice(0)) await end();
    expect(rig.run('host', 'ip', 'link')).not.toContain(`${uplink.name}.60`);
  });

  test.skipIf(noVlan)(`${vlanName}, but not one that was there`, async () => {
    const lines = [`link add link ${uplink.name} name ${uplink.name}.60 type vlan id 60`];
    for (const line of lines) rig.run('host', 'ip', ...line.split(' '));
    await stand(world, onVlan, two);
    for (const end of endings.splice(0)) await end();
    expect(rig.run('host', 'ip', 'link')).toContain(`${uplink.name}.60`);
    rig.run('host', 'ip', 'link', 'del', `${uplink.name}.60`);
  });

  test.skipIf(noDummy)(dummyName, async () => {
    const { members } = await stand(world, alone, [['10.51.0.2/24'], ['10.51.0.3/24']]);
    const [first] = members;
    expect(rig.ip('host', 'link', 'show', alone.link)[0]).toMatchObject({ linkinfo: { info_kind: 'dummy' } });
    expect(reaches(first?.box.path ?? '', '10.51.0.3')).toBe(true);
    expect(reaches(first?.box.path ?? '', uplink.outside)).toBe(false);
  });
});

describe('what the kernel lacks is the error, and nothing of it stays', () => {
  const networks = {
    ipvlan: physical('ipvlan', {}),
    vlan: physical('macvlan', { parent: `${uplink.name}.61` }),
    dummy: network('alone6', { driver: 'ipvlan', internal: true, pools: [pool('10.57.0.0/24')] }),
  };

  test.for(Object.entries(networks))('%s', async ([type, on], { skip }) => {
    skip(present[type as keyof typeof present], `the kernel has ${type}`);
    await expect(stand(world, on, two.slice(0, 1))).rejects.toThrow(`the kernel lacks ${type}`);
  });
});
