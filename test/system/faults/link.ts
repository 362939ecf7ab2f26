/** An engine of the same source whose doors are replaced where it is linked: the product knows nothing of faults. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { projectFolder } from '../engine-host.ts';

/** What the source imports, whoever does, and what it gets. */
const replaced = [
  [/\/kernel\/open\.ts$/, 'kernel-door.ts'],
  [/\/store\/store\.ts$/, 'store-door.ts'],
] as const;

const doors: Plugin = {
  name: 'doors',
  setup({ onResolve }) {
    onResolve({ filter: /\/(kernel\/open|store\/store)\.ts$/ }, ({ importer, path }) => {
      // the doors themselves have the real ones
      if (!importer.startsWith(join(projectFolder, 'src/'))) return undefined;
      const door = replaced.find(([what]) => what.test(path));
      return door && { path: join(import.meta.dirname, door[1]) };
    });
  },
};

/** Path of the program. The folder gets what a program finds beside it. */
export async function linkFaultyEngine(folder: string): Promise<string> {
  mkdirSync(join(folder, 'dist'), { recursive: true });
  for (const name of ['bin', 'node_modules', 'package.json'])
    symlinkSync(join(projectFolder, name), join(folder, name));
  const program = join(folder, 'dist/seawayd.js');
  await build({
    absWorkingDir: projectFolder,
    entryPoints: [join(import.meta.dirname, 'faulty-seawayd.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: ['koffi', 'lmdb'],
    plugins: [doors],
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
  return program;
}
