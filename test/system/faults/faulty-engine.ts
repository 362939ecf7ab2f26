/** The faulty engine as tests use it: a point is armed now, or for its next start. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import type { Rig } from '../../kernel/rig.ts';
import { TestEngine } from '../engine.ts';
import { openEngineHost } from '../engine-host.ts';
import { request } from '../request.ts';
import { linkFaultyEngine } from './link.ts';
import { type Armed, armedFile, controlSocket, folderVariable, type Told } from './point.ts';

export class FaultyEngine extends TestEngine {
  readonly #folder: string;
  /** Milliseconds; longer than any limit of the engine's, on a machine that does much else. */
  override patience = 400_000;

  constructor(rig: Rig) {
    // plugins of the machine that runs the tests have no part in it
    super(rig, ['--plugin-folder', '/run/seaway-faults-without-plugins']);
    this.#folder = join(this.folder, 'faults');
    this.env[folderVariable] = this.#folder;
    // it is started some thousand times
    this.env.NODE_COMPILE_CACHE = join(this.#folder, 'compiled');
  }

  async link(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    await linkFaultyEngine(this.#folder);
    this.armStart();
  }

  protected override command(flags: readonly string[]): readonly string[] {
    return [process.execPath, join(this.#folder, 'dist/seawayd.js'), ...this.arguments(flags)];
  }

  /** Arms the starts that follow. */
  armStart(armed: readonly Armed[] = []): void {
    writeFileSync(join(this.#folder, armedFile), JSON.stringify(armed));
  }

  /** Arms it now, and forgets what was told; what that was. Each fails once. */
  arm(armed: readonly Armed[] = []): Promise<Told> {
    return this.#control('POST', JSON.stringify(armed));
  }

  told(): Promise<Told> {
    return this.#control('GET', '');
  }

  async #control(method: string, body: string): Promise<Told> {
    const { json } = await request(join(this.#folder, controlSocket), { method, path: '/', body });
    return json as Told;
  }
}

export function openFaultyEngine(): FaultyEngine {
  const engine = openEngineHost((rig) => new FaultyEngine(rig), { idle: true });
  beforeAll(async () => {
    await engine.link();
    await engine.start();
  });
  return engine;
}
