/**
 * What published ports cost with so many there already, on any engine that speaks Docker's API: this one, or dockerd.
 *
 *     node bench/firewall.ts SOCKET OUTSIDE ADDRESS [COUNTS] [PID]
 *
 * OUTSIDE: network namespace of a host that reaches the engine's by ADDRESS. COUNTS: `0,1000,10000`. PID: the engine's. The
 * engine should have an image `busybox`. All that is made is removed again. Prints one line of JSON for each count:
 * milliseconds, as the median and as the fastest tenth, which other work of the machine hardly touches, and for each
 * request the processor time of the engine and of the programs that it has started, its undoing included.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { callsOf, timed } from './calls.ts';

const [socketPath = '', outside = '', address = '', counts = '0,1000,10000', pid = ''] =
  process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const rounds = { start: 10, network: 40, port: 20 } as const;
const firstPort = 10_000;
/** Ports of one container. */
const each = 500;

const call = callsOf({ socketPath, agent });

interface Figure {
  readonly median: number;
  readonly fastest: number;
  readonly processor?: number;
}

/** Milliseconds of processor time so far, of the engine and of the programs that it has waited for (proc(5)). */
function spent(): number {
  if (pid === '') return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
}

function figure(times: readonly number[]): Figure {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number => Number((sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(3));
  return { median: at(0.5), fastest: at(0.1) };
}

const serve = ['sh', '-c', 'mkdir /w; echo hi >/w/index.html; httpd -p 80 -h /w; exec sleep 1d'];
const idOf = (answer: string): string => (JSON.parse(answer) as { Id: string }).Id;

/** Starts a container with these ports, all of which lead to port 80. */
async function start(ports: readonly number[], command: readonly string[] = serve): Promise<string> {
  const bindings = { '80/tcp': ports.map((port) => ({ HostPort: String(port) })) };
  const id = idOf(
    await call('POST', '/containers/create', {
      ...{ Image: 'busybox', Cmd: command, StopTimeout: 0, ExposedPorts: { '80/tcp': {} } },
      HostConfig: { PortBindings: bindings },
    }),
  );
  await call('POST', `/containers/${id}/start`);
  return id;
}

const remove = (id: string): Promise<string> => call('DELETE', `/containers/${id}?force=1`);

/** A connection from outside to the port, which the container refuses at once: no program has a part in it. */
function connection(port: number): Figure {
  const code = `
    const { connect } = require('node:net');
    const times = [];
    const next = () => {
      const begun = performance.now();
      connect(${port}, '${address}').on('error', ({ code }) => {
        times.push(performance.now() - begun);
        if (code !== 'ECONNREFUSED') process.exit(1);
        if (times.length < 3000) next();
        else console.log(JSON.stringify(times));
      });
    };
    next();`;
  const ran = inside(process.execPath, '-e', code);
  if (ran.status !== 0) throw new Error(`port ${port} of ${address} is not refused`);
  return figure(JSON.parse(ran.stdout) as number[]);
}

const inside = (...command: readonly string[]) =>
  spawnSync('nsenter', [`--net=/run/netns/${outside}`, ...command], { encoding: 'utf8', maxBuffer: 1 << 24 });

/** Sees that the ports lead to containers, and ends their servers. */
async function checkPorts(ports: readonly number[], containers: Iterable<string>): Promise<void> {
  for (const port of ports) {
    let tries = 20;
    while (inside('wget', '-qO-', '-T', '5', `http://${address}:${port}/index.html`).stdout !== 'hi\n') {
      if (--tries === 0) throw new Error(`port ${port} of ${address} is not reached`);
      await sleep(500);
    }
  }
  for (const id of containers) {
    const made = await call('POST', `/containers/${id}/exec`, { Cmd: ['killall', 'httpd'] });
    await call('POST', `/exec/${idOf(made)}/start`, { Detach: true });
  }
}

async function repeat(often: number, work: (n: number) => Promise<number>): Promise<Figure> {
  const times: number[] = [];
  const before = spent();
  for (let n = 0; n < often; n++) times.push(await work(n));
  const processor = Number(((spent() - before) / often).toFixed(1));
  return { ...figure(times), ...(pid !== '' && { processor }) };
}

/** A container that publishes a port, from the request to start it. */
async function startWithPort(): Promise<number> {
  const body = {
    Image: 'busybox',
    Cmd: ['sleep', '60'],
    // Docker publishes none of the others
    ExposedPorts: { '80/tcp': {} },
    HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '9000' }] } },
  };
  const id = idOf(await call('POST', '/containers/create', body));
  const time = await timed(() => call('POST', `/containers/${id}/start`));
  await remove(id);
  return time;
}

async function createNetwork(n: number): Promise<number> {
  const time = await timed(() =>
    call('POST', '/networks/create', { Name: `bench-${n}`, CheckDuplicate: true }),
  );
  await call('DELETE', `/networks/bench-${n}`);
  return time;
}

/** Connects one container to one more network. */
async function connectNetwork(): Promise<Figure> {
  const id = await start([], ['sleep', '600']);
  await call('POST', '/networks/create', { Name: 'bench-connect' });
  const made = await repeat(rounds.network, async () => {
    const time = await timed(() => call('POST', '/networks/bench-connect/connect', { Container: id }));
    await call('POST', '/networks/bench-connect/disconnect', { Container: id });
    return time;
  });
  await remove(id);
  await call('DELETE', '/networks/bench-connect');
  return made;
}

/** One more port of a running container, which only this engine has. */
async function addPort(id: string): Promise<Figure> {
  const ports = `/seaway/containers/${id}/ports`;
  return repeat(rounds.port, async (n) => {
    const PortBindings = { '80/tcp': [{ HostPort: String(9100 + n) }] };
    const time = await timed(() => call('POST', `${ports}/add`, { PortBindings }));
    await call('POST', `${ports}/remove`, { Ports: [String(9100 + n)] });
    return time;
  });
}

const isSeaway = async (): Promise<boolean> =>
  (await call('GET', '/version')).toLowerCase().includes('seaway');

const held: string[] = [];
/** Containers whose servers have ended. */
const silent = new Set<string>();
try {
  for (const count of counts.split(',').map(Number)) {
    while (held.length * each < count) {
      const from = firstPort + held.length * each;
      held.push(await start(Array.from({ length: each }, (_, i) => from + i)));
    }
    const only = count === 0 ? await start([firstPort]) : undefined;
    const ends = [firstPort, firstPort + Math.max(0, count - 1)] as const;
    await sleep(2000);
    const fresh = new Set([only ?? '', ...held].filter((id) => id !== '' && !silent.has(id)));
    await checkPorts(silent.size === 0 ? ends : [ends[1]], fresh);
    for (const id of fresh) silent.add(id);
    await sleep(1000);
    const through = { first: connection(ends[0]), last: connection(ends[1]) };
    if (only) await remove(only);
    const start1 = await repeat(rounds.start, startWithPort);
    const result = {
      ports: count,
      start: start1,
      network: await repeat(rounds.network, createNetwork),
      connect: await connectNetwork(),
      ...through,
      ...((await isSeaway()) && held[0] && { port: await addPort(held[0]) }),
    };
    console.log(JSON.stringify(result));
  }
} finally {
  for (const id of held) await remove(id);
  agent.destroy();
}
