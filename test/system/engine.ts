/**
 * Ring 4's engine: seawayd in a world of its own (`engine-host.ts`). When the tests of the file are over,
 * passed or failed, it is ended as a user would end it, and whatever is then left of it on the machine fails
 * the file and is removed.
 *
 *     const engine = openTestEngine();             // at the top of a file or of a describe
 *     await engine.seaway('network', 'create', 'net');
 */
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Rig, Where } from '../kernel/rig.ts';
import { type RunOptions, run, type Said, succeed } from './commands.ts';
import { EngineHost, openEngineHost, projectFolder } from './engine-host.ts';

export { projectFolder } from './engine-host.ts';

export interface TestEngineOptions {
  /** Further arguments of seawayd. */
  readonly flags?: readonly string[];
  /** Not started before the tests: they do it. */
  readonly idle?: boolean;
  readonly hostname?: string;
}

const getPage = `
  const say = (text) => { console.log(text); process.exit(); };
  setTimeout(() => say('no answer'), 3000);
  require('node:http').get(process.argv[1], { agent: false }, (answer) => {
    let text = '';
    answer.on('data', (data) => { text += data; }).on('end', () => say(text));
  }).on('error', (error) => say(error.code));
`;

/** Make the world and register its beginning and its end. */
export const openTestEngine = ({
  flags = [],
  idle = false,
  hostname,
}: TestEngineOptions = {}): TestEngine => {
  const engine = openEngineHost((rig) => new TestEngine(rig, flags), { idle });
  engine.hostname = hostname;
  return engine;
};

/** Bundles that are older than the source would be tests of yesterday's engine. */
function environment(): NodeJS.ProcessEnv {
  const bundle = statSync(join(projectFolder, 'dist/seawayd.js'), { throwIfNoEntry: false });
  const newest = Math.max(
    ...['src', 'packages/client/src']
      .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: projectFolder }))
      .filter((path) => !path.endsWith('.test.ts'))
      .map((path) => statSync(join(projectFolder, path)).mtimeMs),
  );
  return bundle === undefined || bundle.mtimeMs < newest ? { SEAWAY_SOURCE: '1' } : {};
}

export class TestEngine extends EngineHost {
  readonly #flags: readonly string[];
  /** What is started: that of another release, for tests of upgrades. */
  program = join(projectFolder, 'bin/seawayd');

  constructor(rig: Rig, flags: readonly string[]) {
    super(rig, environment());
    this.#flags = flags;
  }

  protected command(flags: readonly string[]): readonly string[] {
    return [this.program, ...this.arguments(flags)];
  }

  override arguments(flags: readonly string[] = []): readonly string[] {
    return super.arguments([...this.#flags, ...flags]);
  }

  /** `bin/seaway ARGUMENTS`, which must succeed: its output. */
  seaway(...args: readonly string[]): Promise<string> {
    return succeed([join(projectFolder, 'bin/seaway'), ...args], { env: this.env });
  }

  /** `bin/seaway ARGUMENTS`, whatever comes of it. */
  trySeaway(args: readonly string[], options: RunOptions = {}): Promise<Said> {
    return run([join(projectFolder, 'bin/seaway'), ...args], { env: this.env, ...options });
  }

  /** The page that a web server gives to somebody there, or why there is none. */
  async page(where: Where, url: string): Promise<string> {
    const { stdout } = await this.on(where, process.execPath, '-e', getPage, url);
    return stdout.trim();
  }
}
