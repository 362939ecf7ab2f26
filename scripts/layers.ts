/**
 * Checks that imports follow the layers of DESIGN: a folder may import from folders below it and from the
 * pure ones; pure folders reach for nothing outside; api and cli never touch the kernel.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** From the top down. Folders of one line may not import each other, not even types. */
const layers = [
  ['main'],
  ['cli', 'api'],
  ['engine'],
  ['volumes', 'reconcile', 'resolver', 'runtime'],
  ['images', 'store', 'plugins'],
  ['kernel'],
  ['observe', 'config', 'programs'],
  ['files'],
];
/** The same for the pure folders, which all others may use. */
const pureLayers = [
  ['affected'],
  ['names', 'firewall'],
  ['drivers'],
  ['model'],
  ['ipam'],
  ['objects'],
  ['net', 'go'],
];
const pure = pureLayers.flat();
const forbiddenInPure =
  /^node:(fs|net|dgram|child_process|worker_threads|os|http|https|tls|dns)|^(koffi|lmdb|fastify)/;
const impureWords =
  /\b(setTimeout|setInterval|setImmediate)\(|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\./;

const layerOf = (folder: string): number =>
  [...layers, ...pureLayers].findIndex((names) => names.includes(folder));
const folderOf = (path: string): string => relative(join(root, 'src'), path).split('/')[0] ?? '';

const importsOf = (text: string): readonly string[] =>
  Array.from(text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'/gm), ([, specifier = '']) => specifier);

function complaint(path: string, specifier: string): string | undefined {
  const from = folderOf(path);
  if (!specifier.startsWith('.')) {
    if (pure.includes(from) && forbiddenInPure.test(specifier)) return `a pure folder imports ${specifier}`;
    return undefined;
  }
  const to = folderOf(join(dirname(path), specifier));
  if (to === from || to.endsWith('.ts')) return undefined;
  if ((from === 'api' || from === 'cli') && to === 'kernel') return `${from} touches the kernel`;
  if (layerOf(to) <= layerOf(from)) return `${from} imports from ${to}, which does not lie below it`;
  return undefined;
}

let complaints = 0;
const complain = (path: string, text: string): void => {
  complaints++;
  console.error(`${relative(root, path)}: ${text}`);
};

const files = globSync(join(root, 'src/**/*.ts')).filter((path) => !/(\.test|\/fixture)\.ts$/.test(path));
for (const path of files) {
  const folder = folderOf(path);
  const known = layerOf(folder) >= 0 || pure.includes(folder) || folder.endsWith('.ts');
  if (!known) complain(path, `the folder ${folder} has no place among the layers (scripts/layers.ts)`);
  const text = readFileSync(path, 'utf8');
  if (!['programs', 'cli'].includes(folder) && /from 'node:child_process'/.test(text))
    complain(path, 'programs are started by src/programs alone');
  for (const one of importsOf(text)) {
    const why = complaint(path, one);
    if (why) complain(path, why);
  }
  if (!pure.includes(folder)) continue;
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const word = impureWords.exec(code)?.[0];
  if (word) complain(path, `a pure folder uses ${word}`);
}
console.log(`layers: ${files.length} files, ${complaints} complaints`);
process.exitCode = complaints > 0 ? 1 : 0;
