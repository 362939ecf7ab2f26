/**
 * One bundle per program below dist/, so that a command starts fast. Native modules stay outside. What the engine loads
 * only when it is needed (clients of key-value stores) is in files beside its bundle.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { buildPage } from './build-page.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Program to its entry. */
const entries = {
  seaway: 'src/main/seaway.ts',
  seawayd: 'src/main/seawayd.ts',
  'seaway-resolver': 'src/main/seaway-resolver.ts',
};

rmSync(`${root}/dist`, { recursive: true, force: true });
const options: BuildOptions = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  external: ['koffi', 'lmdb'],
  sourcemap: 'linked',
  legalComments: 'none',
  // the source of a program stays in its memory; names stay for whoever reads a stack
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'warning',
  // some dependencies are CommonJS and call require for Node's own modules
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
};
const { seawayd, ...small } = entries;
await build({ ...options, entryPoints: small });
await build({ ...options, entryPoints: { seawayd }, splitting: true, chunkNames: 'part-[name]-[hash]' });
await buildPage();

// one character beyond ASCII, which esbuild leaves in regular expressions, and V8 keeps all of it in two bytes each
for (const name of readdirSync(`${root}/dist`).filter((file) => file.endsWith('.js'))) {
  const source = readFileSync(`${root}/dist/${name}`, 'utf8');
  const escaped = source.replaceAll(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  if (escaped !== source) writeFileSync(`${root}/dist/${name}`, escaped);
}
