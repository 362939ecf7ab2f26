/** One bundle per program below dist/, so that a command starts fast. Native modules stay outside. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Program to its entry. */
const entries = {
  seaway: 'src/main/seaway.ts',
  seawayd: 'src/main/seawayd.ts',
  'seaway-resolver': 'src/main/seaway-resolver.ts',
};

rmSync(`${root}/dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: entries,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  external: ['koffi', 'lmdb'],
  sourcemap: 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  // some dependencies are CommonJS and call require for Node's own modules
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
});
