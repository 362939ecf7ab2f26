/** skopeo, which speaks to registries. */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fail } from '../errors.ts';
import type { Platform } from './platform.ts';
import { canonical, type Reference } from './reference.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface Registry {
  /** The manifest or index that the reference leads to, as the registry has it. */
  manifest(reference: Reference): Promise<Buffer>;
  /** The configuration of the image for the platform. */
  config(reference: Reference): Promise<Buffer>;
  /** Copy the image for the platform: `manifest.json` and blobs by their hex names. */
  copy(reference: Reference, to: string, line: (text: string) => void): Promise<void>;
}

/** Registries on loopback may speak plain HTTP, as for Docker. */
const isLoopback = (domain: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(domain);

/** Use `folder` (made) for the credentials: they are never on a command line. */
export async function openRegistry(
  folder: string,
  reference: Reference,
  options: {
    readonly platform: Platform;
    readonly auth?: Credentials;
    /** Registries that may speak plain HTTP or have a certificate that nobody signed. */
    readonly insecure?: readonly string[];
  },
): Promise<Registry> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const access = await accessFlags(folder, reference, options.auth);
  const { os, architecture, variant } = options.platform;
  const common = [
    '--insecure-policy', // Docker asks for no signatures either
    `--override-os=${os}`,
    `--override-arch=${architecture}`,
    ...(variant ? [`--override-variant=${variant}`] : []),
  ];
  const plain = isLoopback(reference.domain) || options.insecure?.includes(reference.domain);
  const inspect = [...common, 'inspect', ...access('--'), ...(plain ? ['--tls-verify=false'] : [])];
  const copy = [...common, 'copy', ...access('--src-'), ...(plain ? ['--src-tls-verify=false'] : [])];
  const at = (asked: Reference): string => `docker://${canonical(asked)}`;
  return {
    manifest: (asked) => run([...inspect, '--raw', at(asked)], asked),
    config: (asked) => run([...inspect, '--config', '--raw', at(asked)], asked),
    async copy(asked, to, line) {
      await run([...copy, at(asked), `dir:${to}`], asked, line);
    },
  };
}

async function accessFlags(
  folder: string,
  reference: Reference,
  auth: Credentials | undefined,
): Promise<(prefix: '--' | '--src-') => readonly string[]> {
  if (!auth) return (prefix) => [`${prefix}no-creds`];
  const path = join(folder, 'auth.json');
  const token = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
  await writeFile(path, JSON.stringify({ auths: { [reference.domain]: { auth: token } } }), { mode: 0o600 });
  // `--src-authfile` does not exist in old versions; both commands know `--authfile`
  return () => [`--authfile=${path}`];
}

/** Run it; what it wrote. The proxy settings of the engine's environment are skopeo's too. */
async function run(
  flags: readonly string[],
  reference: Reference,
  line?: (text: string) => void,
): Promise<Buffer> {
  const child = spawn('skopeo', flags, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => reject(notStarted(error)));
    child.on('close', (code) => (code === 0 ? resolve() : reject(whyNot(said, reference))));
  });
  const [out] = await Promise.all([line ? eachLine(child.stdout, line) : all(child.stdout), ended]);
  return out;
}

async function eachLine(output: Readable, line: (text: string) => void): Promise<Buffer> {
  for await (const text of createInterface({ input: output })) line(text);
  return Buffer.alloc(0);
}

async function all(output: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of output) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function notStarted(error: NodeJS.ErrnoException): Error {
  if (error.code === 'ENOENT')
    return fail('NOT_SUPPORTED', 'pulling images without the program skopeo (install the package skopeo)');
  return fail('RUNTIME_FAILED', 'run skopeo', error.message);
}

/** Docker's words for what users meet daily; skopeo's own reason for the rest. */
function whyNot(said: string, reference: Reference): Error {
  const log = said.trim().split('\n').at(-1) ?? '';
  const quoted = /msg="((?:[^"\\]|\\.)*)"/.exec(log)?.[1];
  const why = quoted ? quoted.replace(/\\(.)/g, '$1') : log;
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
  if (/unauthorized|authentication required|denied/i.test(why))
    return fail(
      'REGISTRY_DENIED',
      `Head "https://${reference.domain}/v2/${reference.path}/manifests/${reference.tag || reference.digest}": unauthorized: ${why}`,
    );
  return fail('REGISTRY_FAILED', `Get "https://${reference.domain}/v2/": ${why}`);
}
