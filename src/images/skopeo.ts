/** Runs skopeo, which talks to registries. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fail, hasCode } from '../errors.ts';
import { startPiped } from '../programs/start.ts';
import type { Credentials, RegistryAccess } from './images.ts';
import type { Platform } from './platform.ts';
import { canonical, type Reference } from './reference.ts';

export interface Registry {
  /** The manifest or index of a reference, byte for byte. */
  manifest(reference: Reference): Promise<Buffer>;
  /** The configuration of the image for the platform. */
  config(reference: Reference): Promise<Buffer>;
  /** Copies the image for the platform: `manifest.json`, and blobs by their hex digests. */
  copy(reference: Reference, to: string, line: (text: string) => void): Promise<void>;
  /** Sends an image laid out as by `copy`, compressing layers. */
  push(from: string, reference: Reference, line: (text: string) => void): Promise<void>;
}

export interface Access extends RegistryAccess {
  /** Registries that may use plain HTTP or an untrusted certificate. */
  readonly insecure?: readonly string[];
}

/** Makes an error of what skopeo has said. */
type Why = (said: string) => Error;

/** The part of the request that concerns the registry. */
export const accessOf = ({ auth, gone }: RegistryAccess): RegistryAccess => ({
  ...(auth && { auth }),
  ...(gone && { gone }),
});

/** Registries on loopback may use plain HTTP, as in Docker. */
const isLoopback = (domain: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(domain);

/** Makes `folder` for the credentials, which never appear on a command line. */
export async function openRegistry(
  folder: string,
  reference: Reference,
  options: Access & { readonly platform: Platform; readonly why?: Why },
): Promise<Registry> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const access = await accessFlags(folder, reference.domain, options);
  const { os, architecture, variant } = options.platform;
  const told = { ...(options.gone && { gone: options.gone }), ...(options.why && { why: options.why }) };
  const common = [
    '--insecure-policy', // Docker asks for no signatures either
    `--override-os=${os}`,
    `--override-arch=${architecture}`,
    ...(variant ? [`--override-variant=${variant}`] : []),
  ];
  const inspect = [...common, 'inspect', ...access('--')];
  const copy = [...common, 'copy', ...access('--src-')];
  const push = [...common, 'copy', '--format=v2s2', ...access('--dest-')];
  const at = (asked: Reference): string => `docker://${canonical(asked)}`;
  return {
    manifest: (asked) => run([...inspect, '--raw', at(asked)], { reference: asked, ...told }),
    config: (asked) => run([...inspect, '--config', '--raw', at(asked)], { reference: asked, ...told }),
    async copy(asked, to, line) {
      await run([...copy, at(asked), `dir:${to}`], { reference: asked, line, ...told });
    },
    async push(from, asked, line) {
      await run([...push, `dir:${from}`, at(asked)], { reference: asked, line, ...told });
    },
  };
}

/** Checks credentials. Throws REGISTRY_DENIED in Docker's words, or REGISTRY_FAILED. */
export async function signIn(
  folder: string,
  domain: string,
  { auth, insecure = [] }: Access & { readonly auth: Credentials },
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const plain = isPlain(domain, insecure);
  const flags = ['login', `--authfile=${join(folder, 'auth.json')}`, `--username=${auth.username}`];
  await run([...flags, '--password-stdin', ...(plain ? ['--tls-verify=false'] : []), domain], {
    input: auth.password,
    why: (said) => {
      const url = `${plain ? 'http' : 'https'}://${domain}/v2/`;
      if (/invalid username\/password|unauthorized/i.test(said))
        return fail('REGISTRY_DENIED', `login attempt to ${url} failed with status: 401 Unauthorized`);
      return fail('REGISTRY_FAILED', `Get "${url}": ${reasonIn(said)}`);
    },
  });
}

export const isPlain = (domain: string, insecure: readonly string[]): boolean =>
  isLoopback(domain) || insecure.includes(domain);

type Prefix = '--' | '--src-' | '--dest-';

async function accessFlags(
  folder: string,
  domain: string,
  { auth, insecure = [] }: Access,
): Promise<(prefix: Prefix) => readonly string[]> {
  const verify = (prefix: Prefix): readonly string[] =>
    isPlain(domain, insecure) ? [`${prefix}tls-verify=false`] : [];
  if (!auth) return (prefix) => [`${prefix}no-creds`, ...verify(prefix)];
  const path = join(folder, 'auth.json');
  const token = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
  await writeFile(path, JSON.stringify({ auths: { [domain]: { auth: token } } }), { mode: 0o600 });
  // `--src-authfile` does not exist in old versions; all commands know `--authfile`
  return (prefix) => [`--authfile=${path}`, ...verify(prefix)];
}

/** Milliseconds of silence: for a question, and for one layer of a copy. */
const longestAnswer = 120_000;
const longestCopy = 6 * 60 * 60_000;

interface Run {
  /** The subject of errors, unless `why` makes them. */
  readonly reference?: Reference;
  readonly why?: Why;
  readonly line?: (text: string) => void;
  readonly input?: string;
  readonly gone?: AbortSignal;
}

/** Runs skopeo and returns its output. It inherits the proxy settings of the engine's environment. */
async function run(flags: readonly string[], { reference, line, input, why, gone }: Run): Promise<Buffer> {
  // a copy prints nothing while a layer is transferred
  const silence = line ? longestCopy : longestAnswer;
  if (gone?.aborted) throw fail('REGISTRY_FAILED', 'context canceled');
  const { child, ended } = startPiped('skopeo', flags, { silence });
  const giveUp = (): void => void child.kill();
  gone?.addEventListener('abort', giveUp, { once: true });
  child.stdin.end(input);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  const reason = (): Error => why?.(said) ?? (reference ? whyNot(said, reference) : notKnown(said));
  const [out, { code }] = await Promise.all([
    line ? eachLine(child.stdout, line) : all(child.stdout),
    ended.catch((thrown: unknown) => {
      throw notStarted(thrown);
    }),
  ]).finally(() => gone?.removeEventListener('abort', giveUp));
  if (gone?.aborted) throw fail('REGISTRY_FAILED', 'context canceled');
  if (code !== 0) throw reason();
  return out;
}

const notKnown = (said: string): Error => fail('REGISTRY_FAILED', reasonIn(said));

async function eachLine(output: Readable, line: (text: string) => void): Promise<Buffer> {
  for await (const text of createInterface({ input: output })) line(text);
  return Buffer.alloc(0);
}

async function all(output: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of output) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

const notStarted = (thrown: unknown): unknown =>
  hasCode(thrown, 'PROGRAM_MISSING')
    ? fail('NOT_SUPPORTED', 'registries without the program skopeo (install the package skopeo)')
    : thrown;

/** The message in the last line that skopeo logged. */
export function reasonIn(said: string): string {
  const log = said.trim().split('\n').at(-1) ?? '';
  const quoted = /msg="((?:[^"\\]|\\.)*)"/.exec(log)?.[1];
  return quoted ? quoted.replace(/\\(.)/g, '$1') : log;
}

/** Docker's words for common failures, else skopeo's. */
function whyNot(said: string, reference: Reference): Error {
  const why = reasonIn(said);
  const repository = `${reference.domain}/${reference.path}`;
  if (/manifest unknown/i.test(why))
    return fail(
      'REGISTRY_NOT_FOUND',
      `manifest for ${canonical(reference)} not found: manifest unknown: manifest unknown`,
    );
  if (/name unknown|repository .*not known/i.test(why))
    return fail(
      'REGISTRY_NOT_FOUND',
      `pull access denied for ${repository}, repository does not exist or may require 'docker login'`,
    );
  // not 401, after which the docker CLI would prompt for a name and a password
  if (/requested access to the resource is denied/i.test(why))
    return fail(
      'REGISTRY_NOT_FOUND',
      `pull access denied for ${repository}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
    );
  if (/unauthorized|authentication required/i.test(why))
    return fail('REGISTRY_FAILED', 'unauthorized: authentication required');
  return fail('REGISTRY_FAILED', `Get "https://${reference.domain}/v2/": ${why}`);
}
