/** An earlier release of this engine, built from the history of the checkout. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { projectFolder } from '../engine-host.ts';

/** Whether the checkout has the commit: a shallow clone has not. */
export const hasCommit = (commit: string): boolean =>
  spawnSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: projectFolder }).status === 0;

/** Made before the tests of the file, gone after them. `program`: its `seawayd`. */
export function openRelease(commit: string): { readonly program: string } {
  const folder = join(tmpdir(), `seaway-release-${process.pid}`);
  beforeAll(() => {
    mkdirSync(folder);
    const archive = execFileSync('git', ['archive', commit], { cwd: projectFolder, maxBuffer: 1 << 28 });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    symlinkSync(join(projectFolder, 'node_modules'), join(folder, 'node_modules'));
    execFileSync(process.execPath, ['scripts/build.ts'], { cwd: folder });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return { program: join(folder, 'bin/seawayd') };
}
