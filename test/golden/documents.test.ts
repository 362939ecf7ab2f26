/** Documents point at what exists: links, paths of files, and in each folder of src a README that names its files. */
import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const exists = (path: string): boolean => existsSync(join(root, path));

const documents = globSync(['*.md', '{bench,contrib,docs,packages,scripts,src,test}/**/*.md'], {
  cwd: root,
}).sort();
/** Releases name what was there then, decisions what was considered. */
const present = documents.filter((path) => path !== 'CHANGELOG.md' && !path.startsWith('docs/decisions/0'));

/** Markdown without blocks of code. */
const prose = (path: string): string => read(path).replace(/^```[\s\S]*?^```/gm, '');

/** As GitHub makes it from a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchorsOf = (path: string): ReadonlySet<string> =>
  new Set(Array.from(prose(path).matchAll(/^#+ (.*)$/gm), ([, heading = '']) => anchorOf(heading)));

function brokenLinks(path: string): string[] {
  const links = Array.from(prose(path).matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    if (!exists(target)) return true;
    return anchor !== undefined && !anchorsOf(target).has(anchor);
  });
}

/** What stands between backquotes and looks like a path from the root of the project, or from this folder. */
function deadPaths(path: string): string[] {
  const words = Array.from(prose(path).matchAll(/`([^`\s]+)`/g), ([, word = '']) => word);
  const fromRoot = words.filter((word) => /^(src|test|scripts|docs|bin|bench|contrib)\/[\w./-]+$/.test(word));
  const beside = words.filter(
    (word) => /^(\.\.?\/)?[\w/-]+(\.test)?\.ts$/.test(word) && !fromRoot.includes(word),
  );
  return [...fromRoot.filter((word) => !exists(word)), ...beside.filter((word) => !isNear(path, word))];
}

/** Below the document's folder, or below src where the document is not in it: `engine/records.ts`. */
function isNear(path: string, word: string): boolean {
  const folder = dirname(path);
  if ([folder, 'src'].some((from) => exists(join(from, word)))) return true;
  return names(folder === '.' ? 'src' : folder).has(basename(word)) && !word.includes('/');
}

const names = (folder: string): ReadonlySet<string> =>
  new Set(
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => basename(path)),
  );

const isSource = (name: string): boolean => name.endsWith('.ts') && !name.endsWith('.test.ts');
const entries = (folder: string): string[] => readdirSync(join(root, folder));
const isFolder = (path: string): boolean => statSync(join(root, path)).isDirectory();

const folders = globSync('src/**/', { cwd: root })
  .map((path) => relative('.', path))
  .filter((path) => path !== 'src' && entries(path).some(isSource))
  .sort();

/** Files and folders that the tables of a README do not name. */
function unnamed(folder: string): string[] {
  const rows = read(join(folder, 'README.md'))
    .split('\n')
    .filter((line) => line.startsWith('|'));
  const named = new Set(
    rows.flatMap((row) =>
      Array.from(row.split('|')[1]?.matchAll(/`([^`]+)`/g) ?? [], ([, word = '']) => word),
    ),
  );
  const parts = new Set(Array.from(named, (word) => word.replace(/\/.*$/, '/')));
  return entries(folder).filter((name) => {
    const path = join(folder, name);
    if (isFolder(path))
      return !parts.has(`${name}/`) && !read(join(folder, 'README.md')).includes(`${name}/`);
    return isSource(name) && !named.has(name);
  });
}

it.each(documents)('%s has no broken link', (path) => {
  expect(brokenLinks(path)).toEqual([]);
});

it.each(present)('%s names files that exist', (path) => {
  expect(deadPaths(path)).toEqual([]);
});

it.each(folders)('%s has a README whose table names its files', (folder) => {
  expect(exists(join(folder, 'README.md')), `${folder}/README.md`).toBe(true);
  expect(unnamed(folder)).toEqual([]);
});

it('ARCHITECTURE shows the layers that scripts/layers.ts checks', () => {
  const [, checked = ''] = /^const layers = ([\s\S]*?)^const pure = /m.exec(read('scripts/layers.ts')) ?? [];
  const [, shown = ''] = /^## Layers$([\s\S]*?)^`npm run layers`/m.exec(read('ARCHITECTURE.md')) ?? [];
  const inScript = Array.from(checked.matchAll(/^ {2}\[(.*)\],$/gm), ([, row = '']) =>
    row.replaceAll("'", '').split(', '),
  );
  const inDocument = Array.from(shown.matchAll(/^ {4}(\S.*)$/gm), ([, row = '']) => row.split(/ +/));
  expect(inScript.length).toBeGreaterThan(10);
  expect(inDocument).toEqual(inScript);
});
