/** What the resolver is asked about in tests: two names of its own, and a server of others outside. */
import { type Asker, openAsker } from './dns-asker.ts';
import type { ResolverRig } from './resolver-rig.ts';
import { type Rig, uplink } from './rig.ts';

/** A dnsmasq that knows nothing but what it is told; resolves once it answers. */
export async function serve(rig: Rig, where: string, ...options: readonly string[]): Promise<void> {
  const plain = [
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    '--log-facility=-',
  ];
  rig.start(where, 'sh', '-c', 'exec "$@" 2>&1', 'sh', 'dnsmasq', ...plain, ...options);
  await new Promise((resolve) => setTimeout(resolve, 300));
}

/** A sandbox that is served, and what asks from inside. */
export async function openNames(
  rig: Rig,
  world: ResolverRig,
): Promise<{ readonly path: string; readonly asker: Asker }> {
  const texts = Array.from({ length: 12 }, (_, i) => `--txt-record=big.example,${`${i}`.padStart(60, 'x')}`);
  const hugeTexts = texts.flatMap((_, i) =>
    ['a', 'b', 'c'].map((x) => `--txt-record=huge.example,${`${i}`.padStart(60, x)}`),
  );
  await serve(
    rig,
    rig.outside,
    '--bind-interfaces',
    `--listen-address=${uplink.outside}`,
    '--address=/ext.example/203.0.113.7',
    '--local=/example/',
    ...texts,
    ...hugeTexts,
  );
  world.setHostServers(uplink.outside);
  await world.name('s1', ['s1', 'www'], '172.18.0.2');
  await world.name('s2', ['s2', 'www'], '172.18.0.3');
  const path = await world.addSandbox('main', { fixed: { 'host.docker.internal': ['172.18.0.1'] } });
  return { path, asker: openAsker(rig.kernel(), path) };
}
