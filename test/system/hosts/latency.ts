/** How long it takes from a record in the store to the kernel and the names of another host. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { soon } from '../commands.ts';
import type { Host, World } from './world.ts';

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export interface Latencies {
  /** Milliseconds, one per record. */
  readonly kernel: readonly number[];
  readonly names: readonly number[];
}

/** Connects a container of the first host to a network again and again, and looks at the second host. */
export async function latencies(world: World, { count, network }: { count: number; network: string }) {
  const [here, there] = world.hosts;
  if (!here || !there) throw new Error('two hosts are needed');
  const run = ['run', '-d', '--network', network, 'busybox', 'sleep', '1000'];
  const pid = await there.engine.docker(
    ...['inspect', '-f', '{{.State.Pid}}', await there.engine.docker(...run)],
  );
  await here.engine.docker('run', '-d', '--name', 'moving', 'busybox', 'sleep', '1000');
  const names = Array.from({ length: count }, (_, index) => `name${index}`);
  const stored = new Map<string, number>();
  const [inKernel, answered] = [new Map<string, number>(), new Map<string, number>()];
  const { rig } = here.engine;
  const started = [
    rig.start(rig.path('store'), process.execPath, script('watch-store.ts'), world.url),
    rig.start(`/proc/${pid}/ns/net`, process.execPath, script('await-names.ts'), ...names),
    rig.start(tunnelOf(world), 'bridge', 'monitor', 'fdb'),
  ] as const;
  const [store, asker, monitor] = started;
  const note = (into: Map<string, number>) => (line: string) => {
    const [at, what = ''] = line.split(' ');
    into.set(what, Number(at));
  };
  store.onLine(note(stored));
  asker.onLine(note(answered));
  monitor.onLine((line) => {
    const [, mac] = /^([0-9a-f:]{17}) .*dst/.exec(line) ?? [];
    if (mac) inKernel.set(mac, Date.now());
  });
  await Promise.all([store.firstLine, asker.firstLine]);
  const found = { kernel: [] as number[], names: [] as number[] };
  for (const name of names) {
    const { endpoint, mac } = await connect(here, { network, name });
    const isThere = (): boolean => stored.has(endpoint) && inKernel.has(mac) && answered.has(name);
    if (!(await soon(isThere, 20_000))) {
      const missing = [stored.has(endpoint), inKernel.has(mac), answered.has(name)];
      throw new Error(`${name} did not come to the other host: stored, kernel, names: ${missing}`);
    }
    const at = stored.get(endpoint) ?? 0;
    found.kernel.push((inKernel.get(mac) ?? 0) - at);
    found.names.push((answered.get(name) ?? 0) - at);
    await ask(here, `/networks/${network}/disconnect`, { Container: 'moving', Force: true });
  }
  for (const one of started) one.stop();
  for (const { engine } of [here, there]) await engine.removeContainers();
  return found satisfies Latencies;
}

async function ask({ engine }: Host, path: string, json: unknown): Promise<void> {
  const { status, message } = await engine.api('POST', path, { json });
  if (status >= 300) throw new Error(`${path}: ${message}`);
}

/** The endpoint that the container got. */
async function connect(host: Host, { network, name }: { network: string; name: string }) {
  const EndpointConfig = { Aliases: [name] };
  await ask(host, `/networks/${network}/connect`, { Container: 'moving', EndpointConfig });
  const { json } = await host.engine.api('GET', '/containers/moving/json');
  const { Networks } = (json as { NetworkSettings: { Networks: Record<string, Record<string, string>> } })
    .NetworkSettings;
  const { EndpointID: endpoint = '', MacAddress: mac = '' } = Networks[network] ?? {};
  return { endpoint, mac };
}

/** The namespace of the only network that the second host is on. */
function tunnelOf(world: World): string {
  const engine = world.hosts[1]?.engine;
  if (!engine) throw new Error('two hosts are needed');
  const folder = join(engine.folder, 'run/netns');
  const path = readdirSync(folder)
    .map((name) => join(folder, name))
    .find((each) => engine.rig.run(each, 'ip', '-br', 'link').includes('vxlan0'));
  if (!path) throw new Error('the host has no tunnel');
  return path;
}

export const middle = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
