/** Environment variables and labels, from flags and from files. */
import { readFile } from 'node:fs/promises';
import { CliError } from '../failure.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** One `--env`: without `=` it takes the value of our own environment, if there is one. Throws an `Error`. */
export function envOf(text: string, env: Env): string {
  if (text === '' || text.startsWith('=')) throw new Error(`invalid environment variable: ${text}`);
  const own = text.includes('=') ? undefined : env[text];
  return own === undefined ? text : `${text}=${own}`;
}

/** The lines of a file that say something: no comments, no blank ones. */
async function linesOf(path: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new CliError(`open ${path}: no such file or directory`, { cause });
  }
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.replace(/\r$/, '').trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** A file of `NAME=value` lines; a name alone takes the value that `lookup` has, or is left out. */
async function readPairs(path: string, lookup: Env, kind: string): Promise<string[]> {
  const lines = await linesOf(path);
  return lines.flatMap((line) => {
    const at = line.indexOf('=');
    const name = at < 0 ? line.trim() : line.slice(0, at);
    if (/\s/.test(name))
      throw new CliError(`invalid ${kind} file (${path}): variable '${name}' contains whitespaces`);
    if (name === '') throw new CliError(`invalid ${kind} file (${path}): no variable name on line '${line}'`);
    if (at >= 0) return [line];
    const value = lookup[name];
    return value === undefined ? (kind === 'label' ? [name] : []) : [`${name}=${value}`];
  });
}

/** `--env-file`s first, `--env` after them. Throws `CliError`. */
export async function environmentOf(
  files: readonly string[],
  given: readonly string[],
  env: Env,
): Promise<string[]> {
  const fromFiles = await Promise.all(files.map((path) => readPairs(path, env, 'env')));
  return [...fromFiles.flat(), ...given];
}

/** `--label-file`s first, `--label` after them. */
export async function labelsOf(files: readonly string[], given: readonly string[]): Promise<string[]> {
  const fromFiles = await Promise.all(files.map((path) => readPairs(path, {}, 'label')));
  return [...fromFiles.flat(), ...given];
}

/** Adds the variables of `proxies` of the client's config that the user has not set. */
export function withProxies(
  environment: readonly string[],
  proxies: Readonly<Record<string, string>>,
): string[] {
  const named = new Set(environment.map((entry) => entry.split('=')[0]));
  const added = Object.entries(proxies).filter(([name]) => !named.has(name));
  return [...environment, ...added.map(([name, value]) => `${name}=${value}`)];
}
