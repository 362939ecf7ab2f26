/**
 * What the kernel door costs, in a namespace of its own. Root only.
 *
 *     node bench/kernel.ts [rounds]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Namespace } from '../src/kernel/kernel.ts';
import { openKernel } from '../src/kernel/open.ts';

const rounds = Number(process.argv[2] ?? 100);
const folder = `/run/netns/sw-bench-${process.pid}`;
const door = openKernel();
const paths = [`${folder}-host`, `${folder}-box`] as const;
for (const path of paths) door.createNamespace(path);
const kernel = openKernel({ namespace: paths[0] });
const box = kernel.openNamespace(paths[1]);
const { host } = kernel;

function measure(what: string, times: number, run: (round: number) => void): void {
  const taken = Array.from({ length: times }, (_, round) => {
    const begun = performance.now();
    run(round);
    return performance.now() - begun;
  }).sort((a, b) => a - b);
  const at = (share: number): string => (taken[Math.floor((taken.length - 1) * share)] ?? 0).toFixed(3);
  console.log(`${what.padEnd(44)} median ${at(0.5)} ms   95 % ${at(0.95)} ms`);
}

/** Total time, and the longest that the event loop stood still meanwhile. */
async function measureOffLoop(what: string, run: () => Promise<unknown>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const begun = performance.now();
  await run();
  const taken = performance.now() - begun;
  delay.disable();
  console.log(
    `${what.padEnd(44)} ${taken.toFixed(1)} ms, loop held up for ${(delay.max / 1e6).toFixed(1)} ms at most`,
  );
}

function veth(name: string, peer: Namespace, index: number): void {
  const spec = { type: 'veth', name, alias: 'seaway:endpoint:0', mtu: 1500, up: true } as const;
  host.route.createLink({ ...spec, peer: { name: `eth${index}`, mtu: 1500, up: true, namespace: peer } });
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `v${index}`);

async function run(): Promise<void> {
  measure('create a veth pair, alias and both ends up', rounds, (round) => veth(`v${round}`, box, round));
  measure('look a link up by name', rounds * 10, () => host.route.findLink('v1'));
  measure('look up a link that is not there', rounds * 10, () => host.route.findLink('none'));
  measure(`list ${rounds + 1} links`, 20, () => host.route.listLinks());
  const link = box.route.findLink('eth0')?.index ?? 0;
  measure('add an address', rounds, (round) =>
    box.route.addAddress({ link, address: `10.1.${round >> 8}.${round & 255}/32`, scope: 'global' }),
  );
  measure('set a route', rounds, (round) =>
    box.route.replaceRoute({ destination: `10.2.${round & 255}.0/24`, link }),
  );
  measure('list the addresses of one link', 100, () => box.route.listAddresses(link));
  measure('read a sysctl of another namespace', rounds * 10, () => box.readSysctl('net.ipv4.ip_forward'));
  measure('write a sysctl of another namespace', rounds, (round) =>
    box.writeSysctl('net.ipv4.ip_default_ttl', String(64 + (round & 1))),
  );
  host.nft('add table ip t; add map ip t m { type inet_service : ipv4_addr; }');
  measure('add an nftables map element', rounds, (round) =>
    host.nft(`add element ip t m { ${round + 1} : 10.0.0.1 }`),
  );
  measure('hold and release a TCP port', rounds, (round) =>
    kernel.holdPort('tcp', '0.0.0.0', 20_000 + round)(),
  );
  measure('forget flows where there are none', rounds, () =>
    kernel.forgetFlows([{ protocol: 'udp', port: 53, address: '0.0.0.0', answeredBy: '10.0.0.1' }]),
  );
  measure('make and open a namespace', 10, (round) => {
    const path = `${folder}-${round}`;
    kernel.createNamespace(path);
    kernel.openNamespace(path).close();
  });
  for (let i = 0; i < 10; i++) await kernel.removeNamespace(`${folder}-${i}`);
  await removals();
}

async function removals(): Promise<void> {
  await measureOffLoop(`remove ${rounds} veth pairs in one call`, () =>
    host.route.removeLinks(names(rounds)),
  );
  veth('v0', box, 0);
  await measureOffLoop('remove 1 veth pair', () => host.route.removeLinks(['v0']));
  for (let i = 0; i < 20; i++) veth(`v${i}`, box, i);
  await measureOffLoop('remove 20 veth pairs, each in its own call', () =>
    Promise.all(names(20).map((name) => host.route.removeLinks([name]))),
  );
  for (let i = 0; i < 20; i++) host.route.createLink({ type: 'bridge', name: `v${i}`, up: true });
  await measureOffLoop('remove 20 bridges in one call', () => host.route.removeLinks(names(20)));
  host.route.createLink({ type: 'bridge', name: 'v0', up: true });
  const removal = host.route.removeLinks(['v0']);
  const begun = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 2));
  host.route.findLink('lo');
  console.log(
    `a look-up while a bridge is removed            ${(performance.now() - begun - 2).toFixed(3)} ms`,
  );
  await removal;
}

try {
  await run();
} finally {
  box.close();
  kernel.close();
  for (const path of paths) await door.removeNamespace(path);
  door.close();
}
