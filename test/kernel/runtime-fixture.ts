/** A runtime under a temporary folder, with a busybox root: what the runtime's tests stand on. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Container, ContainerConfig, HostConfig } from '../../src/model/container.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { openRuntime, type RuntimeOptions } from '../../src/runtime/open.ts';
import type { AttachOptions, ExecSpec, ExitEvent, LogOptions, Runtime } from '../../src/runtime/runtime.ts';
import { container } from './container-sample.ts';

export interface BoxRequest {
  readonly config?: Partial<ContainerConfig>;
  readonly host?: Partial<HostConfig>;
  readonly mounts?: Container['mounts'];
}

export const allStreams: AttachOptions = {
  stdin: true,
  stdout: true,
  stderr: true,
  detachKeys: new Uint8Array(),
};
export const allLogs: LogOptions = { stdout: true, stderr: true, timestamps: false, follow: false };

/** Docker's 8-byte headers taken off: standard output and standard error. */
export function unframe(data: Buffer): { readonly out: string; readonly err: string } {
  const texts = { 1: '', 2: '' };
  for (let at = 0; at + 8 <= data.length; ) {
    const size = data.readUInt32BE(at + 4);
    texts[data[at] === 2 ? 2 : 1] += data.toString('latin1', at + 8, at + 8 + size);
    at += 8 + size;
  }
  return { out: texts[1], err: texts[2] };
}

export async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Bytes of a stream until they match. */
export function readUntil(stream: Duplex, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const take = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      if (!pattern.test(text)) return;
      stream.off('data', take);
      stream.off('end', ended);
      resolve(text);
    };
    const ended = (): void =>
      reject(new Error(`the stream ended before ${pattern}: ${JSON.stringify(text)}`));
    stream.on('data', take);
    stream.on('end', ended);
  });
}

/** A root filesystem with static busybox, as of Debian's busybox-static. */
function makeRootfs(folder: string): void {
  const box = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
  if (!box) throw new Error('busybox-static is not installed');
  for (const name of ['bin', 'etc', 'tmp', 'root', 'proc', 'sys', 'dev'])
    mkdirSync(join(folder, name), { recursive: true });
  execFileSync('cp', [box, join(folder, 'bin/busybox')]);
  for (const applet of execFileSync(box, ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    if (applet !== 'busybox') symlinkSync('busybox', join(folder, 'bin', applet));
  }
  writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n');
  writeFileSync(join(folder, 'etc/group'), 'root:x:0:\napp:x:1000:\naudio:x:29:app\n');
}

let counter = 0;

/** One runtime and its containers; `close` removes everything that it made. */
export class Bench {
  readonly folder: string;
  readonly rootfs: string;
  readonly root: string;
  readonly cgroupParent = `/seaway-test-${process.pid}`;
  readonly exits: ExitEvent[] = [];
  runtime!: Runtime;
  readonly #ids: string[] = [];
  readonly #wakes = new Set<() => void>();

  constructor(suffix = '') {
    this.folder = mkdtempSync(join(tmpdir(), 'seaway-runtime-'));
    this.rootfs = join(this.folder, 'rootfs');
    this.root = join(this.folder, `run${suffix}`);
    makeRootfs(this.rootfs);
  }

  async open(options: Partial<RuntimeOptions> = {}): Promise<Runtime> {
    this.runtime = await openRuntime({
      root: this.root,
      dataRoot: join(this.folder, 'data'),
      cgroupParent: this.cgroupParent,
      logger: createLogger('error'),
      ...options,
    });
    this.runtime.onExit((event) => {
      this.exits.push(event);
      for (const wake of this.#wakes) wake();
    });
    return this.runtime;
  }

  box(command: readonly string[], ask: BoxRequest = {}): Container {
    counter += 1;
    const id = `${process.pid.toString(16)}${counter.toString(16).padStart(4, '0')}`.padEnd(64, 'e');
    this.#ids.push(id);
    return {
      ...container,
      id,
      name: `box${counter}`,
      config: { ...container.config, Cmd: command, ...ask.config },
      hostConfig: { ...container.hostConfig, ...ask.host },
      mounts: ask.mounts ?? [],
    };
  }

  sh(script: string, ask: BoxRequest = {}): Container {
    return this.box(['sh', '-c', script], ask);
  }

  create(container: Container, join = { pid: 0, ipc: 0, uts: 0 }): Promise<{ readonly pid: number }> {
    return this.runtime.create({
      container,
      image: {},
      rootfs: this.rootfs,
      netns: '',
      files: { hosts: '', hostname: '', resolvConf: '' },
      env: ['PATH=/bin', 'HOME=/root'],
      join,
    });
  }

  async run(container: Container): Promise<number> {
    const { pid } = await this.create(container);
    await this.runtime.start(container.id);
    return pid;
  }

  /**
   * Runs it until it has said that. A signal before its program has set its traps would be lost: the kernel drops those
   * that the first process of a container has no handler for.
   */
  async runUntil(container: Container, said: RegExp): Promise<number> {
    const { pid } = await this.create(container);
    const stream = await this.runtime.attach(container, { ...allStreams, stdin: false });
    await this.runtime.start(container.id);
    await readUntil(stream, said);
    stream.resume();
    return pid;
  }

  async exit(id: string): Promise<ExitEvent> {
    for (;;) {
      const found = this.exits.find((event) => event.id === id);
      if (found) return found;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#wakes.delete(wake);
          resolve();
        };
        this.#wakes.add(wake);
      });
    }
  }

  /** Run to its end; what it wrote, and its exit code. */
  async outcome(container: Container): Promise<{ out: string; err: string; code: number }> {
    await this.create(container);
    const stream = await this.runtime.attach(container, { ...allStreams, stdin: false });
    await this.runtime.start(container.id);
    const data = await readAll(stream);
    const { exitCode } = await this.exit(container.id);
    await this.runtime.remove(container.id);
    const texts = container.config.Tty ? { out: data.toString('latin1'), err: '' } : unframe(data);
    return { ...texts, code: exitCode };
  }

  /** Everything of ours that is still there. */
  leftovers(): readonly string[] {
    const files = ['bundles', 'exits', 'execs', 'shm', 'runc'].flatMap((name) => {
      const folder = join(this.root, name);
      return existsSync(folder) ? readdirSync(folder).map((entry) => `${name}/${entry}`) : [];
    });
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(this.root));
    const processes = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((name) => commandOf(name).includes(this.root));
    const cgroups = execFileSync(
      'find',
      ['/sys/fs/cgroup', '-path', `*${this.cgroupParent}/*`, '-type', 'd'],
      {
        encoding: 'utf8',
      },
    );
    return [...files, ...mounts, ...processes, ...cgroups.split('\n').filter((line) => line !== '')];
  }

  async close(): Promise<void> {
    for (const id of this.#ids) await this.runtime.remove(id);
    await this.runtime.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

export const execSpec = (args: readonly string[], rest: Partial<ExecSpec> = {}): ExecSpec => {
  counter += 1;
  const id = `${process.pid.toString(16)}f${counter.toString(16).padStart(4, '0')}`.padEnd(64, 'd');
  return {
    id,
    args,
    env: ['PATH=/bin'],
    cwd: '',
    user: '',
    tty: false,
    stdin: false,
    privileged: false,
    ...rest,
  };
};
