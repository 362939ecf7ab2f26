/** The client's own settings: `config.json` in `~/.docker` or DOCKER_CONFIG, shared with the docker CLI. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '../errors.ts';

export interface ProxySettings {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly ftpProxy?: string;
  readonly noProxy?: string;
  readonly allProxy?: string;
}

export interface ClientConfig {
  /** By host of the engine, or `default`. */
  readonly proxies?: Readonly<Record<string, ProxySettings>>;
  readonly detachKeys?: string;
  readonly psFormat?: string;
  readonly imagesFormat?: string;
  readonly networksFormat?: string;
  readonly pluginsFormat?: string;
  readonly volumesFormat?: string;
  readonly statsFormat?: string;
  /** By registry: `auth` is base64 of `user:password`. */
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

export const clientConfigPath = (
  folder: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string => join(folder ?? env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), '.docker'), 'config.json');

/** Read it; no file is an empty one. A broken file is told and then taken for empty, as the docker CLI does. */
export async function readClientConfig(
  path: string,
  complain: (message: string) => void,
): Promise<ClientConfig> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ClientConfig;
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      complain(`WARNING: Error loading config file: ${path}: ${messageOf(thrown)}`);
    return {};
  }
}

/**
 * Rewrite it, for its owner's eyes; fields that are not known here stay as they are. Written beside and
 * renamed, so that it is never seen half. Throws where there is a file that cannot be read.
 */
export async function changeClientConfig(
  path: string,
  change: (config: ClientConfig) => ClientConfig,
): Promise<void> {
  const text = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return '{}';
    throw thrown;
  });
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${process.pid}`;
  await writeFile(beside, JSON.stringify(change(JSON.parse(text) as ClientConfig), null, '\t'), {
    mode: 0o600,
  });
  await rename(beside, path);
}

const variables: readonly (readonly [keyof ProxySettings, string])[] = [
  ['httpProxy', 'HTTP_PROXY'],
  ['httpsProxy', 'HTTPS_PROXY'],
  ['noProxy', 'NO_PROXY'],
  ['ftpProxy', 'FTP_PROXY'],
  ['allProxy', 'ALL_PROXY'],
];

/** The environment that `proxies` gives to every container, in upper and lower case. */
export function proxyEnvironment(config: ClientConfig, host: string): Readonly<Record<string, string>> {
  const settings = config.proxies?.[host] ?? config.proxies?.default ?? {};
  return Object.fromEntries(
    variables.flatMap(([key, name]) => {
      const value = settings[key];
      return value === undefined || value === ''
        ? []
        : [
            [name, value],
            [name.toLowerCase(), value],
          ];
    }),
  );
}
