/** Faults between three hosts of a cluster. The first asks. */
import { expect } from 'vitest';
import type { CauseCode } from '../../../src/explain/causes.ts';
import { soon } from '../commands.ts';
import type { World } from '../hosts/world.ts';
import { type Bench, benchOf } from './bench.ts';

export interface HostFault {
  readonly name: string;
  readonly set: (world: World, bench: readonly Bench[]) => Promise<unknown>;
  readonly undo?: (world: World, bench: readonly Bench[]) => Promise<unknown>;
  readonly ask: readonly [from: string, to: string];
  readonly code: CauseCode;
}

/** `c1`, `c2` and `c3` serve port 80 on the overlay network `wide`, on a host each; `d2` is beside `c2`. */
export async function surroundHosts(world: World): Promise<void> {
  for (const { engine } of world.hosts) await engine.start();
  const { engine } = world.first;
  await engine.docker('network', 'create', '-d', 'overlay', '--subnet', '10.77.0.0/24', 'wide');
  for (const { engine: each, number } of world.hosts) {
    expect(
      await soon(async () => (await each.tryDocker(['network', 'inspect', 'wide'])).status === 0, 30_000),
    ).toBe(true);
    for (const name of number === 2 ? ['c2', 'd2'] : [`c${number}`])
      await each.docker(
        ...`run -d --name ${name} --network wide --cap-add NET_ADMIN busybox httpd -f`.split(' '),
      );
  }
  const bench = benchOf(engine);
  for (const name of ['c2', 'd2', 'c3'])
    expect(
      await soon(
        async () => (await bench.engine.tryDocker(['exec', 'c1', 'ping', '-c1', '-W1', name])).status === 0,
        30_000,
      ),
    ).toBe(true);
}

const nothing = async (): Promise<void> => undefined;

const onSwitch =
  'table bridge blocked { chain f { type filter hook forward priority 0; udp dport 4789 drop; }; }';

const onFirst =
  (command: string): HostFault['set'] =>
  (_, [first]) =>
    first?.host(command) ?? nothing();

export const hostFaults: readonly HostFault[] = [
  { name: 'nobody listens on another host', set: nothing, ask: ['c1', 'c2:81'], code: 'nobody-listens' },
  {
    name: 'the tunnel is blocked by a rule of this host',
    set: onFirst('iptables -I OUTPUT -p udp --dport 4789 -j DROP'),
    undo: onFirst('iptables -D OUTPUT -p udp --dport 4789 -j DROP'),
    ...{ ask: ['c1', 'c2:80'], code: 'underlay-blocked' },
  },
  {
    name: 'the tunnel is blocked on the way',
    set: async ({ first: { engine } }) => engine.rig.run(engine.rig.path('switch'), 'nft', onSwitch),
    undo: async ({ first: { engine } }) =>
      engine.rig.run(engine.rig.path('switch'), 'nft', 'delete table bridge blocked'),
    ...{ ask: ['c1', 'c2:80'], code: 'underlay-blocked' },
  },
  {
    name: 'the tunnel is blocked at the other host',
    set: (_, [, second]) =>
      second?.host(
        "nft 'table inet cut { chain f { type filter hook prerouting priority -350; udp dport 4789 drop; }; }'",
      ) ?? nothing(),
    undo: (_, [, second]) => second?.host('nft delete table inet cut') ?? nothing(),
    ...{ ask: ['c1', 'c2:80'], code: 'underlay-blocked' },
  },
  {
    name: 'the tunnel is blocked in one direction',
    set: (_, [, second]) => second?.host('iptables -I OUTPUT -p udp --dport 4789 -j DROP') ?? nothing(),
    undo: (_, [, second]) => second?.host('iptables -D OUTPUT -p udp --dport 4789 -j DROP') ?? nothing(),
    ...{ ask: ['c1', 'c2:80'], code: 'underlay-blocked' },
  },
  {
    name: 'the link of the receiver is down on its host',
    set: (_, [, second]) => second?.inside('c2', 'ip link set eth0 down') ?? nothing(),
    undo: (_, [, second]) => second?.docker('restart -t 0 c2') ?? nothing(),
    ...{ ask: ['c1', 'c2:80'], code: 'no-answer' },
  },
  {
    name: 'a rule inside of the receiver on its host',
    set: (_, [, second]) => second?.inside('d2', 'iptables -A INPUT -p tcp --dport 80 -j DROP') ?? nothing(),
    undo: (_, [, second]) => second?.inside('d2', 'iptables -F INPUT') ?? nothing(),
    ...{ ask: ['c1', 'd2:80'], code: 'no-answer' },
  },
  {
    name: 'entries of the tunnel are gone',
    set: ({ first: { engine } }, [first]) =>
      first?.host(
        `for ns in ${engine.folder}/run/netns/*; do nsenter --net=$ns sh -c 'for link in $(ip -o link show type vxlan | cut -d: -f2 | cut -d@ -f1); do bridge fdb show dev $link | grep dst | while read mac rest; do bridge fdb del $mac dev $link dst $(echo "$rest" | sed "s/.*dst \\([^ ]*\\).*/\\1/") self; done; done' || exit 1; done`,
      ) ?? nothing(),
    undo: (_, [first]) => first?.engine.api('POST', '/seaway/doctor/fix') ?? nothing(),
    ...{ ask: ['c1', 'c2:80'], code: 'entry-missing' },
  },
  {
    name: 'the link of the sender is down',
    set: (_, [first]) => first?.inside('c1', 'ip link set eth0 down') ?? nothing(),
    undo: (_, [first]) => first?.docker('restart -t 0 c1') ?? nothing(),
    ...{ ask: ['c1', 'c2:80'], code: 'link-down' },
  },
  {
    name: 'a host that is gone',
    set: async (world, [first]) => {
      await world.hosts[2]?.engine.kill();
      world.cable(world.hosts[2] ?? world.first, 'down');
      const isLost = async (): Promise<boolean> =>
        JSON.stringify((await first?.engine.api('GET', '/seaway/cluster/nodes'))?.json).includes('"lost"');
      expect(await soon(isLost, 40_000)).toBe(true);
    },
    undo: async (world) => {
      world.cable(world.hosts[2] ?? world.first, 'up');
      await world.hosts[2]?.engine.start();
    },
    ...{ ask: ['c1', 'c3:80'], code: 'node-gone' },
  },
];

export const healthyHosts: readonly (readonly [string, string])[] = [
  ['c1', 'c2:80'],
  ['c1', 'c3:80'],
  ['c1', 'c2'],
  ['c1', 'd2:80'],
];
