/**
 * Many clients at once act on the same few containers and networks. Whatever comes of each request, the
 * engine's records, the kernel and each other's answers agree at the end, and nothing is left.
 * `SEAWAY_TURMOIL=7:200` for the seed 7 and 200 requests by each client.
 */
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { soon } from './commands.ts';
import { openTestEngine } from './engine.ts';
import { difference, snapshot } from './snapshot.ts';
import { turmoil } from './turmoil-work.ts';

const engine = openTestEngine();
const [seed = 1, each = 40] = (process.env.SEAWAY_TURMOIL ?? '1:40').split(':').map(Number);

interface Inspected {
  readonly Id: string;
  readonly Config: { readonly Cmd: readonly string[] };
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Restarting: boolean;
    readonly Pid: number;
  };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly EndpointID: string }>> };
}

const all = async <T>(path: string): Promise<readonly T[]> => (await engine.api('GET', path)).json as T[];

async function inspectAll(): Promise<readonly Inspected[]> {
  const listed = await all<{ readonly Id: string }>('/containers/json?all=1');
  const answers = await Promise.all(listed.map(({ Id }) => engine.api('GET', `/containers/${Id}/json`)));
  return answers.filter(({ status }) => status === 200).map(({ json }) => json as Inspected);
}

async function removeAll(): Promise<void> {
  await engine.removeContainers();
  const made = (await all<{ Name: string }>('/networks')).filter(({ Name }) => /^n\d$/.test(Name));
  await Promise.all(made.map(({ Name }) => engine.api('DELETE', `/networks/${Name}`)));
  await engine.api('POST', `/volumes/prune?filters=${encodeURIComponent('{"all":["1"]}')}`);
}

const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));

let before: readonly string[] = [];

beforeAll(async () => {
  // the first one starts the resolver, and makes folders that stay
  await engine.seaway('network', 'create', 'n0');
  await engine.seaway('run', '--rm', '--network', 'n0', '-v', 'v0:/data', 'busybox', 'true');
  await removeAll();
  // until it is at rest: no link of a container, no program that reads the firewall
  await soon(() => !snapshot(engine).some((line) => /veth|iptables-(save|restore)$/.test(line)));
  before = snapshot(engine);
});

test(`seed ${seed}: what is answered, recorded and there agrees, and nothing is left`, async () => {
  const done = await turmoil(engine, { seed, clients: 12, each });
  // two that want the same port of the host: dockerd answers 500
  const isTaken = /port is already allocated$/;
  expect(done.filter(({ status, message }) => status >= 500 && !isTaken.test(message))).toEqual([]);
  const fleeting = (await inspectAll()).filter(({ Config }) => Config.Cmd[1] !== '1000');
  await Promise.all(fleeting.map(({ Id }) => engine.api('DELETE', `/containers/${Id}?force=1`)));
  const settled = async (): Promise<boolean> =>
    (await inspectAll()).every(({ State }) => State.Running === isAlive(State.Pid));
  if (!(await soon(settled))) expect(await inspectAll(), engine.log()).toBe('settled');

  const running = (await inspectAll()).filter(({ State }) => State.Running);
  for (const network of await all<{ Id: string; Name: string }>('/networks')) {
    const { json } = await engine.api('GET', `/networks/${network.Id}`);
    const { Containers } = json as { Containers: Record<string, { EndpointID: string }> };
    const seen = Object.entries(Containers).map(([id, { EndpointID }]) => `${id} ${EndpointID}`);
    const said = running.flatMap(({ Id, NetworkSettings: { Networks } }) => {
      const endpoint = Networks[network.Name]?.EndpointID ?? '';
      return endpoint === '' ? [] : [`${Id} ${endpoint}`];
    });
    expect(seen.toSorted(), network.Name).toEqual(said.toSorted());
  }

  await removeAll();
  let now: readonly string[] = [];
  await soon(() => {
    now = difference(before, snapshot(engine));
    return now.length === 0;
  });
  expect(now, engine.log()).toEqual([]);
}, 600_000);
