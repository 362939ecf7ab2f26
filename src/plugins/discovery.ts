/** Finds a plugin by name: a socket, or a file with its address. It is looked up at each use, as in Docker. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../system-error.ts';
import { type PluginAddress, parseJson, parseSpec, unixAddress } from './address.ts';
import { readPluginFile } from './plugin-file.ts';

export interface PluginEndpoint {
  readonly address: PluginAddress;
  /** Changes when the plugin is restarted or its file is written. */
  readonly identity: string;
  /** What a plugin that the engine runs implements, by its configuration; it needs no handshake. */
  readonly implementations?: readonly string[];
}

/** The largest `.spec` or `.json` file in bytes. */
const fileLimit = 64 * 1024;

/** Undefined for a file that does not exist; throws any other error. */
function absent(thrown: unknown): undefined {
  if (hasErrno(thrown, 'ENOENT', 'ENOTDIR')) return undefined;
  throw thrown;
}

/** Whether the name is valid for a file in the folder itself, not elsewhere. */
export const isFileName = (name: string): boolean =>
  name !== '' && name.length < 250 && !name.startsWith('.') && !/[/\0]/.test(name);

/** In `folders`: sockets first, then `.spec` and `.json` files. Throws PLUGIN_FILE_INVALID. */
export async function locate(folders: readonly string[], name: string): Promise<PluginEndpoint | undefined> {
  if (!isFileName(name)) return undefined;
  for (const folder of folders)
    for (const path of pathsOf(folder, { name, extension: '.sock' })) {
      const found = await socketAt(path);
      if (found) return found;
    }
  for (const folder of folders)
    for (const [extension, parse] of parsers)
      for (const path of pathsOf(folder, { name, extension })) {
        const found = await fileAt(path, parse);
        if (found) return found;
      }
  return undefined;
}

const pathsOf = (
  folder: string,
  { name, extension }: { readonly name: string; readonly extension: string },
): readonly string[] => [join(folder, `${name}${extension}`), join(folder, name, `${name}${extension}`)];

type Parse = (path: string, text: string) => PluginAddress;

const parsers: readonly (readonly [string, Parse])[] = [
  ['.spec', parseSpec],
  ['.json', parseJson],
];

/** The socket at a path; undefined if there is none. Its identity changes when its program is restarted. */
export async function socketAt(path: string): Promise<PluginEndpoint | undefined> {
  const found = await stat(path).catch(absent);
  if (!found?.isSocket()) return undefined;
  return { address: unixAddress(path), identity: `${path} ${found.dev} ${found.ino} ${found.ctimeMs}` };
}

async function fileAt(path: string, parse: Parse): Promise<PluginEndpoint | undefined> {
  const bytes = await readPluginFile(path, fileLimit).catch(absent);
  if (!bytes) return undefined;
  const text = bytes.toString('utf8');
  const address = parse(path, text);
  // the identity of the socket in the file tells whether the plugin was restarted
  const socket = address.scheme === 'unix' ? await socketAt(address.socket) : undefined;
  return { address, identity: `${path} ${text} ${socket?.identity ?? ''}` };
}

/** Names of all files and folders that may belong to a plugin; `locate` tells whether one does. Sorted. */
export async function namesIn(folders: readonly string[]): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const folder of folders)
    for (const entry of (await readdir(folder, { withFileTypes: true }).catch(absent)) ?? []) {
      const { name } = entry;
      const bare = entry.isDirectory() ? name : name.replace(/\.(sock|spec|json)$/, '');
      if (isFileName(bare) && (entry.isDirectory() || bare !== name)) names.add(bare);
    }
  return [...names].sort();
}
