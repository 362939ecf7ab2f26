/**
 * Many containers come and go, and nothing of them stays. `SEAWAY_CHURN=100x10` for a hundred containers in
 * ten rounds.
 */
import { globSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { soon } from './commands.ts';
import { openTestEngine } from './engine.ts';
import { difference, snapshot } from './snapshot.ts';

const engine = openTestEngine();
const [containers = 12, rounds = 3] = (process.env.SEAWAY_CHURN ?? '100x3').split('x').map(Number);

async function ask(method: string, path: string, json?: unknown): Promise<unknown> {
  const answer = await engine.api(method, path, { json });
  if (answer.status >= 300 && answer.status !== 304)
    throw new Error(`${method} ${path}: ${answer.status} ${answer.message}`);
  return answer.json;
}

/** What the engine has open, without the connections that are just being closed. */
const descriptors = (pid: number): readonly string[] =>
  readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/\[\d+\]$/, '');
    } catch {
      return '';
    }
  });

const resolverPid = (): number =>
  Number(
    snapshot(engine)
      .find((line) => line.endsWith(' seaway-resolver'))
      ?.split(' ')[1],
  );

async function churn(round: number, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `c-${round}-${index}`);
  await Promise.all(
    names.map(async (name, index) => {
      const HostConfig = {
        NetworkMode: index % 3 === 0 ? 'bridge' : 'churn',
        ...(index % 4 === 0 && { PortBindings: { '80/tcp': [{ HostPort: '' }] } }),
      };
      // every other one ends by itself
      const Cmd = index % 2 === 0 ? ['sleep', '1000'] : ['echo', name];
      await ask('POST', `/containers/create?name=${name}`, { Image: 'busybox', Cmd, HostConfig });
      await ask('POST', `/containers/${name}/start`);
      if (index % 2 === 0) await ask('POST', `/containers/${name}/stop?t=0`);
      else await ask('POST', `/containers/${name}/wait`);
      await ask('DELETE', `/containers/${name}?v=1`);
    }),
  );
}

let before: readonly string[] = [];

beforeAll(async () => {
  await engine.seaway('network', 'create', 'churn');
  // the first ones start the resolver, and make folders that stay
  await churn(0, 4);
  await soon(() => snapshot(engine).some((line) => line.endsWith(' seaway-resolver')));
  before = snapshot(engine);
});

test(`${containers} containers in ${rounds} rounds leave nothing behind`, async () => {
  const pids = [engine.pid, resolverPid()];
  await delay(500);
  const open = pids.map((pid) => descriptors(pid).length);
  for (let round = 1; round <= rounds; round++) await churn(round, containers);
  let now: readonly string[] = [];
  await soon(() => {
    now = difference(before, snapshot(engine));
    return now.length === 0;
  });
  expect(now, engine.log()).toEqual([]);
  expect(globSync(`${engine.folder}/{run,data}/**/{ctl,winsz,attach,exec.fifo}`)).toEqual([]);
  const isBack = (): boolean => pids.every((pid, at) => descriptors(pid).length <= (open[at] ?? 0));
  if (!(await soon(isBack)))
    expect(pids.map((pid) => descriptors(pid).toSorted())).toBe(`${open.join(' and ')} descriptors`);
}, 600_000);
