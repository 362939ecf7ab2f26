/**
 * What a network costs with so many there already, on any engine that speaks Docker's API: this one, or dockerd.
 *
 *     node bench/networks.ts SOCKET [COUNT] [AT_ONCE]
 *
 * The engine needs pools that are large enough: `--default-address-pool base=10.0.0.0/8,size=24`. It should have
 * an image `busybox`. All networks that are made are removed again.
 */
import { Agent } from 'node:http';
import { callsOf, timed } from './calls.ts';

const [socketPath = '', count = '1000', atOnce = '1'] = process.argv.slice(2);
const total = Number(count);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const marks = [10, 100, 1_000, 2_000, 5_000, 10_000].filter((mark) => mark < total).concat(total);

const call = callsOf({ socketPath, agent });

const median = (times: readonly number[]): string =>
  (times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0).toFixed(1);

/** A container that starts on the default network, ends, and is removed. */
async function run(): Promise<void> {
  const made = await call('POST', '/containers/create', { Image: 'busybox', Cmd: ['true'] });
  const { Id: id } = JSON.parse(made) as { Id: string };
  await call('POST', `/containers/${id}/start`);
  await call('POST', `/containers/${id}/wait`);
  await call('DELETE', `/containers/${id}?force=1`);
}

/** Calls with the numbers [from, to), some at a time; how long each took. */
async function each(from: number, to: number, work: (n: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < to) {
      const n = next++;
      times.push(await timed(() => work(n)));
    }
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, worker));
  return times;
}

const create = (n: number): Promise<string> => call('POST', '/networks/create', { Name: `many${n}` });
const remove = (n: number): Promise<string> => call('DELETE', `/networks/many${n}`);
const list = (): Promise<string> => call('GET', '/networks');
const few = 25;

/** Makes as many as there are to be at the mark, then tells what things cost there. */
async function reach(mark: number, from: number): Promise<void> {
  const begun = performance.now();
  const times = await each(from, mark, create);
  const perNetwork = (performance.now() - begun) / (mark - from);
  const one = await each(mark, mark + few, create);
  const gone = await each(mark, mark + few, remove);
  const figures = [
    `create ${median(atOnce === '1' ? times.slice(-few) : one)} ms`,
    `${perNetwork.toFixed(1)} ms each since ${from}`,
    `remove ${median(gone)} ms`,
    `list ${(await timed(list)).toFixed(0)} ms`,
    `run ${median([await timed(run), await timed(run), await timed(run)])} ms`,
  ];
  console.log(`${String(mark).padStart(6)} networks: ${figures.join(', ')}`);
}

let made = 0;
for (const mark of marks) {
  await reach(mark, made);
  made = mark;
}
const pruned = await timed(() => call('POST', '/networks/prune'));
console.log(`prune of ${total}: ${(pruned / 1000).toFixed(1)} s, ${(pruned / total).toFixed(1)} ms each`);
agent.destroy();
