/** Looks for secrets of a swarm in all that is told and written: their bytes, as they are, in base64 and in hexadecimal digits. */
import { spawn } from 'node:child_process';
import { createWriteStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.ts';
import type { TestEngine } from './engine.ts';

const collector = `
  const { appendFileSync } = require('node:fs');
  require('node:http').createServer((request, response) => {
    request.on('data', (data) => appendFileSync(process.argv[1], data)).on('end', () => response.end('{}'));
  }).listen(4318, '127.0.0.1', () => console.log('ready'));
`;

/** Engines with all that they can tell: debug lines, metrics, traces, events. */
export class Secrecy {
  static readonly flags = ['--log-level', 'debug', '--metrics-addr', '127.0.0.1:9323', '--experimental'];
  readonly #engines: readonly TestEngine[];
  readonly #needles = new Map<string, Buffer>();
  readonly #endings: (() => void)[] = [];

  constructor(engines: readonly TestEngine[]) {
    this.#engines = engines;
    for (const { env } of engines) env.OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:4318';
  }

  keep(name: string, secret: string | Buffer): void {
    this.#needles.set(name, Buffer.from(secret));
  }

  async begin(): Promise<void> {
    for (const { rig, folder, env } of this.#engines) {
      const collecting = rig.start('host', process.execPath, '-e', collector, join(folder, 'traces'));
      await collecting.firstLine;
      this.#endings.push(() => collecting.stop());
      const events = spawn('docker', ['events', '--format', '{{json .}}'], { env });
      events.stdout.pipe(createWriteStream(join(folder, 'events')));
      this.#endings.push(() => events.kill());
    }
  }

  end(): void {
    for (const end of this.#endings.splice(0)) end();
  }

  /** `NAME in PLACE`, of each that is found. `asked`: of the first engine. */
  async found(
    asked: readonly (readonly [command: 'docker' | 'seaway', ...args: string[]])[],
  ): Promise<readonly string[]> {
    const found: string[] = [];
    const look = (place: string, content: Buffer): void => {
      for (const [name, secret] of this.#needles)
        if (formsOf(secret).some((form) => content.includes(form))) found.push(`${name} in ${place}`);
    };
    for (const [index, engine] of this.#engines.entries()) {
      for (const path of filesBelow(engine.folder))
        look(path.slice(engine.folder.length), readFileSync(path));
      for (const [command, ...args] of index === 0 ? asked : []) {
        const { stdout, stderr } =
          command === 'docker' ? await engine.tryDocker(args) : await engine.trySeaway(args);
        look(`${command} ${args.join(' ')}`, Buffer.from(stdout + stderr));
      }
      look('metrics', Buffer.from(await engine.page('host', 'http://127.0.0.1:9323/metrics')));
    }
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== `${process.pid}`))
      for (const file of ['cmdline', 'environ']) look(`${file} of ${pid}`, read(`/proc/${pid}/${file}`));
    return found;
  }

  /** What the engines have told, so that a search that finds nothing has searched something. */
  async told(): Promise<readonly string[]> {
    const { stdout } = await run([
      'wc',
      '-c',
      ...this.#engines.flatMap(({ folder }) => [`${folder}/traces`, `${folder}/events`, `${folder}/log`]),
    ]);
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(' ')[0] ?? '');
  }
}

/** In base64 three bytes are four digits: what surrounds a secret moves it, and its first and last digits are lost. */
function formsOf(secret: Buffer): readonly (string | Buffer)[] {
  const moved = [0, 1, 2].map((by) =>
    Buffer.concat([Buffer.alloc(by), secret])
      .toString('base64')
      .replace(/=+$/, '')
      .slice(by + 1, -1),
  );
  return [secret, ...moved, secret.toString('hex'), secret.toString('hex').toUpperCase()];
}

/** Not those of other mounts: files in containers are theirs to read. */
function filesBelow(folder: string): readonly string[] {
  const { dev } = statSync(folder);
  const below = (path: string): readonly string[] =>
    readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
      const one = join(path, entry.name);
      if (entry.isDirectory()) return statOf(one)?.dev === dev ? below(one) : [];
      return entry.isFile() && statOf(one)?.dev === dev ? [one] : [];
    });
  return below(folder);
}

function statOf(path: string): { readonly dev: number } | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** A process may end meanwhile. */
function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
