/** The client's own settings: `config.json` in `~/.docker` or DOCKER_CONFIG, shared with the docker CLI. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
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
  readonly volumesFormat?: string;
  readonly statsFormat?: string;
  /** By registry: `auth` is base64 of `user:password`. */
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** Read it; no file is an empty one. A broken file is told and then taken for empty, as the docker CLI does. */
export async function readClientConfig(
  folder: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  complain: (message: string) => void,
): Promise<ClientConfig> {
  const path = join(folder ?? env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), '.docker'), 'config.json');
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ClientConfig;
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      complain(`WARNING: Error loading config file: ${path}: ${messageOf(thrown)}`);
    return {};
  }
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
