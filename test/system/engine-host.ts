/**
 * What every engine of ring 4 has, whoever made it: a host of its own (the namespaces of ring 3's rig), a
 * folder, a socket and a cgroup, a process, and an end after which nothing of it may be left.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, globSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { openRig, type Rig, type Where } from '../kernel/rig.ts';
import { type RunOptions, run, type Said, soon, succeed } from './commands.ts';
import { hasNeighbour, leftovers, machineState, purge, type Signs } from './leftovers.ts';
import { type Answer, type Ask, request } from './request.ts';

export const projectFolder = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const prefix = 'sw-sys-';

/** Make an engine's world and register its beginning and its end; `idle`: the tests start it. */
export function openEngineHost<T extends EngineHost>(make: (rig: Rig) => T, { idle = false } = {}): T {
  purgeForgotten();
  const before = machineState();
  const engine = make(openRig({ later: true }));
  const end = (): void => engine.purge();
  process.once('exit', end);
  beforeAll(() => engine.makeFolders());
  if (!idle) beforeAll(() => engine.start());
  afterAll(async () => {
    process.off('exit', end);
    try {
      await engine.close();
    } finally {
      engine.rig.close();
    }
    if (!hasNeighbour() && machineState() !== before)
      throw new Error(`the machine's own links and rules were:\n${before}\nand are:\n${machineState()}`);
  });
  return engine;
}

/** Engines of test processes that were killed before they could clean up. Call it before the rig does the same. */
function purgeForgotten(): void {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(prefix))) {
    const pid = /^sw-sys-(\d+)-/.exec(name)?.[1] ?? '';
    if (pid === '' || existsSync(`/proc/${pid}`)) continue;
    const namespaces = globSync(`/run/netns/sw-${pid}-*`);
    purge({ folder: join(tmpdir(), name), cgroup: `seaway-${name}`, namespaces });
  }
}

let hosts = 0;

const inOwnName = 'hostname "$0"; exec "$@"';

const toolsOfOthers = /^(DOCKER|SEAWAY|COMPOSE|NODE)_/;

export abstract class EngineHost {
  readonly rig: Rig;
  /** Everything of the engine lies in it; also a place for the tests' own files. */
  readonly folder: string;
  readonly socket: string;
  readonly signs: Signs;
  /** For clients: DOCKER_HOST, and a DOCKER_CONFIG that is not the user's. */
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds that it is given to answer, or to end. */
  patience = 20_000;
  /** The engine has this name of its host, where one is given. */
  hostname: string | undefined;
  #child: ChildProcess | undefined;

  /** `env`: what is added to the engine's environment. */
  constructor(rig: Rig, env: NodeJS.ProcessEnv) {
    this.rig = rig;
    hosts += 1;
    this.folder = join(tmpdir(), `${prefix}${process.pid}-${hosts}`);
    this.socket = join(this.folder, 'engine.sock');
    const cgroup = `seaway-${basename(this.folder)}`;
    this.signs = { folder: this.folder, cgroup, namespaces: [rig.host, rig.outside] };
    this.env = {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !toolsOfOthers.test(name))),
      ...env,
      DOCKER_HOST: `unix://${this.socket}`,
      DOCKER_CONFIG: join(this.folder, 'client'),
      HOME: this.folder,
      TMPDIR: join(this.folder, 'tmp'),
    };
  }

  makeFolders(): void {
    for (const name of ['tmp', 'client']) mkdirSync(join(this.folder, name), { recursive: true });
  }

  /** Program and arguments that start it; its process is the one that is waited for. */
  protected abstract command(flags: readonly string[]): readonly string[];

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** The arguments, of dockerd and seawayd alike, that make it its own engine. */
  arguments(flags: readonly string[] = []): readonly string[] {
    return [
      ...['--data-root', join(this.folder, 'data'), '--exec-root', join(this.folder, 'run')],
      ...['--pidfile', join(this.folder, 'pid'), '-H', `unix://${this.socket}`],
      ...['--cgroup-parent', `/${this.signs.cgroup}`, ...flags],
    ];
  }

  /** Start and wait until it answers. Rejected with the end of its log if it ends instead. */
  async start(flags: readonly string[] = []): Promise<void> {
    await this.launch(flags);
    if (await soon(() => !this.isRunning || this.#answers(), this.patience)) {
      if (this.isRunning) return;
      throw new Error(`the engine has ended:\n${this.log()}`);
    }
    throw new Error(`the engine does not answer after ${this.patience} ms:\n${this.log()}`);
  }

  /** Start without waiting for anything. */
  async launch(flags: readonly string[] = []): Promise<void> {
    const log = openSync(join(this.folder, 'log'), 'a');
    const named =
      this.hostname === undefined ? [] : ['unshare', '--uts', 'sh', '-c', inOwnName, this.hostname];
    const child = spawn('nsenter', [`--net=${this.rig.host}`, ...named, ...this.command(flags)], {
      env: this.env,
      stdio: ['ignore', log, log],
      cwd: '/',
    });
    closeSync(log);
    this.#child = child;
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
  }

  /** As `systemctl stop`; the exit status must be 0. */
  async stop(): Promise<void> {
    const status = await this.signal('SIGTERM');
    if (status !== 0) throw new Error(`the engine ended with ${status}:\n${this.log()}`);
  }

  /** As a crash. */
  async kill(): Promise<void> {
    await this.signal('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Send a signal and wait for the end: exit status or name of the signal. */
  async signal(signal: NodeJS.Signals): Promise<number | string> {
    const child = this.#child;
    if (!child) throw new Error('the engine does not run');
    const ended = new Promise<number | string>((resolve) => {
      child.once('exit', (code, by) => resolve(code ?? by ?? ''));
    });
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), this.patience);
    const status = await ended;
    clearTimeout(timer);
    this.#child = undefined;
    return status;
  }

  /** `docker ARGUMENTS`, which must succeed: its output. */
  docker(...args: readonly string[]): Promise<string> {
    return succeed(['docker', ...args], { env: this.env });
  }

  /** `docker ARGUMENTS`, whatever comes of it. */
  tryDocker(args: readonly string[], options: RunOptions = {}): Promise<Said> {
    return run(['docker', ...args], { env: this.env, ...options });
  }

  /** A request of the API. */
  api(method: string, path: string, ask: Ask = {}): Promise<Answer> {
    return request(this.socket, { method, path, ...ask });
  }

  /** A command on the host, outside, or in the namespace of that path. */
  on(where: Where, ...command: readonly string[]): Promise<Said> {
    const path = where === 'host' ? this.rig.host : where === 'outside' ? this.rig.outside : where;
    return run(['nsenter', `--net=${path}`, ...command], { env: this.env });
  }

  /** The last lines of what the engine has written. */
  log(lines = 20): string {
    const path = join(this.folder, 'log');
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(-lines).join('\n') : '';
  }

  purge(signs: Signs = this.signs): void {
    this.#child = undefined;
    purge(signs);
  }

  /** End it as a user would, and look what is left. */
  async close(): Promise<void> {
    try {
      if (!this.isRunning && existsSync(join(this.folder, 'data'))) await this.start();
      await this.removeContainers();
      if (this.isRunning) await this.stop();
      await soon(() => leftovers(this.signs).length === 0, 3000);
      const left = leftovers(this.signs);
      if (left.length > 0) throw new Error(`left behind:\n${left.join('\n')}\nlog:\n${this.log()}`);
    } finally {
      this.purge();
    }
  }

  async removeContainers(): Promise<void> {
    if (!this.isRunning) return;
    const { json } = await this.api('GET', '/containers/json?all=1');
    const ids = (json as readonly { readonly Id: string }[]).map(({ Id }) => Id);
    await Promise.all(ids.map((id) => this.api('DELETE', `/containers/${id}?force=1&v=1`)));
  }

  async #answers(): Promise<boolean> {
    if (!existsSync(this.socket)) return false;
    return this.api('GET', '/_ping').then(
      ({ status }) => status === 200,
      () => false,
    );
  }
}
