/** `cp` in both directions, with docker's rules, which are those of `cp -r`. */
import { constants } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from '#client/client.ts';
import { EngineError } from '#client/errors.ts';
import { humanSize } from '../../go/size.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';
import { pack, unpack } from './tar.ts';

export interface CopyFlags {
  readonly archive: boolean;
  readonly followLink: boolean;
  readonly quiet: boolean;
}

export interface CopyRequest {
  readonly container: string;
  readonly from: string;
  readonly to: string;
}

/** X-Docker-Container-Path-Stat. `mode` has Go's bits. */
interface PathStat {
  readonly name: string;
  readonly mode: number;
  readonly linkTarget: string;
}

// os.ModeDir and os.ModeSymlink of Go.
const isFolder = ({ mode }: PathStat): boolean => mode >= 2 ** 31;
const isLink = ({ mode }: PathStat): boolean => Math.floor(mode / 2 ** 27) % 2 === 1;

const archivePath = (container: string): string => `/containers/${encodeURIComponent(container)}/archive`;

const statOf = (header: string | string[] | undefined): PathStat =>
  JSON.parse(Buffer.from(String(header ?? ''), 'base64').toString('utf8')) as PathStat;

async function statInContainer(
  engine: Client,
  container: string,
  path: string,
): Promise<PathStat | undefined> {
  try {
    const answer = await engine.open('HEAD', archivePath(container), { query: { path } });
    answer.resume();
    return statOf(answer.headers['x-docker-container-path-stat']);
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.httpStatus === 404) return undefined;
    throw thrown;
  }
}

/** `dir/.` means the contents of the folder. */
const meansContents = (path: string): boolean => /(^|\/)\.$/.test(path);

/** A stream that counts its bytes. */
function counting(): { readonly stream: PassThrough; count: number } {
  const counter = { stream: new PassThrough(), count: 0 };
  counter.stream.on('data', (chunk: Buffer) => {
    counter.count += chunk.length;
  });
  counter.stream.pause();
  return counter;
}

const printCopied = (context: Context, { quiet }: CopyFlags, bytes: number, to: string): void => {
  if (!quiet && context.stdout.isTTY) context.complain(`Successfully copied ${humanSize(bytes, 3)} to ${to}`);
};

async function resolveLink(engine: Client, container: string, path: string): Promise<string> {
  const found = await statInContainer(engine, container, path);
  if (found === undefined || !isLink(found)) return path;
  return posix.isAbsolute(found.linkTarget)
    ? found.linkTarget
    : posix.join(posix.dirname(path), found.linkTarget);
}

export async function copyFromContainer(
  context: Context,
  request: CopyRequest,
  flags: CopyFlags,
): Promise<void> {
  const engine = await context.engine();
  const path = flags.followLink ? await resolveLink(engine, request.container, request.from) : request.from;
  const answer = await engine.open('GET', archivePath(request.container), { query: { path } });
  if (request.to === '-') return pipeline(answer, context.stdout, { end: false });
  const source = statOf(answer.headers['x-docker-container-path-stat']);
  const counter = counting();
  const feeding = pipeline(answer, counter.stream);
  feeding.catch(() => {});
  await receive(counter.stream, source, {
    contents: meansContents(request.from),
    to: request.to,
    owners: flags.archive,
  });
  await feeding;
  printCopied(context, flags, counter.count, request.to);
}

interface Receiving {
  readonly contents: boolean;
  readonly to: string;
  readonly owners: boolean;
}

async function receive(
  stream: Readable,
  source: PathStat,
  { contents, to, owners }: Receiving,
): Promise<void> {
  const target = await stat(to).catch(() => undefined);
  if (target?.isDirectory()) return unpack(stream, { folder: to, strip: contents ? 1 : 0, owners });
  const parent = dirname(resolve(to));
  if (!(await stat(parent).catch(() => undefined))?.isDirectory()) {
    throw new CliError(`invalid output path: directory ${JSON.stringify(parent)} does not exist`);
  }
  if (isFolder(source)) {
    if (target !== undefined) throw new CliError('cannot copy directory');
    await mkdir(to);
    return unpack(stream, { folder: to, strip: 1, owners });
  }
  if (to.endsWith('/')) throw new CliError('no such directory');
  // a file under another name: unpacked in a temporary folder beside it, then renamed
  const folder = await mkdtemp(join(parent, '.seaway-cp-'));
  try {
    await unpack(stream, { folder, strip: 0, owners });
    const [name = ''] = await readdir(folder);
    await rename(join(folder, name), resolve(to));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function copyToContainer(
  context: Context,
  request: CopyRequest,
  flags: CopyFlags,
): Promise<void> {
  const engine = await context.engine();
  const found = await statInContainer(engine, request.container, request.to);
  const to =
    found !== undefined && isLink(found)
      ? await resolveLink(engine, request.container, request.to)
      : request.to;
  const target = to === request.to ? found : await statInContainer(engine, request.container, to);
  const query = { noOverwriteDirNonDir: 'true', copyUIDGID: flags.archive ? 'true' : undefined };
  const headers = { 'Content-Type': 'application/x-tar' };
  if (request.from === '-') {
    if (target === undefined || !isFolder(target))
      throw new CliError(`destination "${request.container}:${request.to}" must be a directory`);
    await engine.text('PUT', archivePath(request.container), {
      query: { ...query, path: to },
      headers,
      stream: context.stdin,
    });
    return;
  }
  const local = await localSource(request.from, flags.followLink);
  const place = placeFor(local, { target, path: to });
  const { stream, done } = pack({ folder: local.folder, entry: local.entry, name: place.name });
  const counter = counting();
  const feeding = pipeline(stream, counter.stream);
  feeding.catch(() => {});
  await engine.text('PUT', archivePath(request.container), {
    query: { ...query, path: place.folder },
    headers,
    stream: counter.stream,
  });
  await Promise.all([feeding, done]);
  printCopied(context, flags, counter.count, `${request.container}:${request.to}`);
}

interface LocalSource {
  readonly folder: string;
  /** `.` for all that is in the folder. */
  readonly entry: string;
  readonly isFolder: boolean;
}

async function localSource(path: string, followLink: boolean): Promise<LocalSource> {
  const named = followLink ? await realpath(path).catch(() => path) : path;
  const info = await (named.endsWith('/') ? stat : lstat)(named).catch((cause: unknown) => {
    throw new CliError(`lstat ${resolve(path)}: no such file or directory`, { cause });
  });
  if ((info.mode & constants.S_IFMT) !== constants.S_IFDIR && named.endsWith('/'))
    throw new CliError(`${path}: not a directory`);
  if (meansContents(path)) return { folder: resolve(named), entry: '.', isFolder: true };
  const full = resolve(named);
  return { folder: dirname(full), entry: basename(full), isFolder: info.isDirectory() };
}

/** The folder in the container for the archive, and the name of its entry there. */
function placeFor(
  local: LocalSource,
  { target, path }: { target: PathStat | undefined; path: string },
): { readonly folder: string; readonly name: string } {
  if (target !== undefined && isFolder(target)) return { folder: path, name: local.entry };
  if (local.isFolder && target !== undefined) throw new CliError('cannot copy directory');
  if (!local.isFolder && path.endsWith('/')) throw new CliError('no such directory');
  const clean = posix.resolve('/', path);
  return { folder: posix.dirname(clean), name: posix.basename(clean) };
}
