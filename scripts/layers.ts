/**
 * Checks that imports follow the layers of DESIGN: a folder may import from folders below it and from the
 * pure ones; pure folders reach for nothing outside; api and cli never touch the kernel; files import each other in one
 * direction.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** From the top down. Folders of one line may not import each other, not even types. */
const layers = [
  ['main', 'page'],
  ['cli', 'api'],
  ['engine'],
  ['volumes', 'reconcile', 'resolver', 'runtime'],
  ['cluster', 'manager'],
  ['images', 'store', 'plugins', 'kv'],
  ['kernel'],
  ['observe', 'config', 'programs', 'dbus'],
  ['files'],
];
/** The same for the pure folders, which all others may use. */
const pureLayers = [
  ['swarm'],
  ['doctor'],
  ['explain'],
  ['affected'],
  ['names', 'firewall'],
  ['policy'],
  ['drivers'],
  ['model'],
  ['ipam'],
  ['objects'],
  ['flags'],
  ['net', 'go'],
  ['errors'],
];
const pure = pureLayers.flat();
const forbiddenInPure =
  /^node:(fs|net|dgram|child_process|worker_threads|os|http|https|tls|dns)|^(koffi|lmdb|fastify)/;
const impureWords =
  /\b(setTimeout|setInterval|setImmediate)\(|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\./;

/** Files that hand out the parts of the engine; all others name those that they need (`Pick<Core, ...>`). */
const composition = ['core.ts', 'open-core.ts', 'engine.ts', 'containers/verbs.ts'].map(
  (name) => `src/engine/${name}`,
);
const wholeCore = /(?::|=>|=|[<&|]) *Core\b(?!\[|\s*,)/;

/** What others import from a folder as a whole. */
const published = [join(root, 'src/errors.ts'), join(root, 'packages/client/src/index.ts')];

const layerOf = (folder: string): number =>
  [...layers, ...pureLayers].findIndex((names) => names.includes(folder));
const folderOf = (path: string): string => relative(join(root, 'src'), path).split('/')[0] ?? '';
const client = join(root, 'packages/client/src');
const isIn = (folder: string, path: string): boolean => path.startsWith(`${folder}/`);
const isInClient = (path: string): boolean => isIn(client, path);
/** What browsers run. */
const page = join(root, 'src/page');

const importsOf = (text: string): readonly string[] =>
  Array.from(text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'/gm), ([, specifier = '']) => specifier);
const lateImportsOf = (text: string): readonly string[] =>
  Array.from(text.matchAll(/\bimport\('([^']+)'\)/g), ([, specifier = '']) => specifier);

/** The client is published alone. */
function clientComplaint(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  const isBeside = specifier.startsWith('.') && isInClient(join(dirname(path), specifier));
  return isBeside ? undefined : `the client imports ${specifier}`;
}

function complaint(path: string, specifier: string): string | undefined {
  if (isInClient(path)) return clientComplaint(path, specifier);
  const from = folderOf(path);
  if (specifier.startsWith('#client/') && from !== 'cli' && from !== 'page')
    return `${from} imports the client`;
  if (from === 'page' && specifier.startsWith('.') && !isIn(page, join(dirname(path), specifier)))
    return `the page imports ${specifier}`;
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

const inSource = (path: string, specifiers: readonly string[]): readonly string[] =>
  specifiers
    .filter((one) => one.startsWith('.') || one.startsWith('#client/'))
    .map((one) => (one.startsWith('.') ? join(dirname(path), one) : one.replace('#client', client)));

let complaints = 0;
const complain = (path: string, text: string): void => {
  complaints++;
  console.error(`${relative(root, path)}: ${text}`);
};

/** Groups of files that import each other, types too (Tarjan's strongly connected components). */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const circles: string[][] = [];
  const seen = new Map<string, number>();
  const open: string[] = [];
  const visit = (path: string): number => {
    const order = seen.size;
    seen.set(path, order);
    open.push(path);
    let lowest = order;
    for (const next of graph.get(path) ?? []) {
      if (!graph.has(next)) continue;
      if (!seen.has(next)) lowest = Math.min(lowest, visit(next));
      else if (open.includes(next)) lowest = Math.min(lowest, seen.get(next) ?? order);
    }
    if (lowest === order) {
      const group = open.splice(open.indexOf(path));
      if (group.length > 1) circles.push(group.sort());
    }
    return lowest;
  };
  for (const path of graph.keys()) if (!seen.has(path)) visit(path);
  return circles;
}

const files = [join(root, 'src/**/*.ts'), join(root, 'src/page/**/*.tsx'), join(client, '*.ts')]
  .flatMap((pattern) => globSync(pattern))
  .filter((path) => !path.endsWith('.test.ts'));
const graph = new Map<string, readonly string[]>();
for (const path of files) {
  const folder = folderOf(path);
  const known = isInClient(path) || layerOf(folder) >= 0 || pure.includes(folder) || folder.endsWith('.ts');
  if (!known) complain(path, `the folder ${folder} has no place among the layers (scripts/layers.ts)`);
  const text = readFileSync(path, 'utf8');
  if (!['programs', 'cli'].includes(folder) && /from 'node:child_process'/.test(text))
    complain(path, 'programs are started by src/programs alone');
  graph.set(path, inSource(path, [...importsOf(text), ...lateImportsOf(text)]));
  if (wholeCore.test(text) && !composition.includes(relative(root, path)))
    complain(path, 'asks for all of Core: name the parts that are needed (Pick<Core, ...>)');
  if (/^export (type )?[{*]/m.test(text) && !published.includes(path))
    complain(path, 're-exports: a name is imported from the file that defines it');
  for (const one of importsOf(text)) {
    const why = complaint(path, one);
    if (why) complain(path, why);
  }
  if (!pure.includes(folder)) continue;
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const word = impureWords.exec(code)?.[0];
  if (word) complain(path, `a pure folder uses ${word}`);
}
for (const [first = '', ...others] of circlesOf(graph))
  complain(first, `imports itself by way of ${others.map((path) => relative(root, path)).join(', ')}`);
console.log(`layers: ${files.length} files, ${complaints} complaints`);
process.exitCode = complaints > 0 ? 1 : 0;
