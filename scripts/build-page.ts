/** The files of the page (`src/page`) below dist/page, for the server of `src/api/page`. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

export async function buildPage(): Promise<void> {
  mkdirSync(`${root}/dist/page`, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: { page: 'src/page/main.tsx' },
    outdir: 'dist/page',
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  });
  await build({
    absWorkingDir: root,
    entryPoints: ['src/page/page.css'],
    outdir: 'dist/page',
    bundle: true,
    minify: true,
    logLevel: 'warning',
  });
  copyFileSync(`${root}/src/page/index.html`, `${root}/dist/page/index.html`);
}
