/** The client's own settings: `config.json` in `~/.docker` or DOCKER_CONFIG, shared with the docker CLI. */
import { mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
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
  readonly tasksFormat?: string;
  readonly servicesFormat?: string;
  readonly nodesFormat?: string;
  readonly secretFormat?: string;
  readonly configFormat?: string;
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

/** Reads the file; a missing one counts as empty. A damaged one is reported and counts as empty, as in the docker CLI. */
export async function readClientConfig(
  path: string,
  complain: (message: string) => void,
): Promise<ClientConfig> {
  try {
    return (JSON.parse(await readFile(path, 'utf8')) as ClientConfig | null) ?? {};
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      complain(`WARNING: Error loading config file: ${path}: ${messageOf(thrown)}`);
    return {};
  }
}

/**
 * Rewrites the file, readable for its owner only; unknown fields are kept. It is written under another name and
 * renamed; a symbolic link stays one. Throws if an existing file cannot be read.
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
  const file = await realpath(path).catch(() => path);
  const beside = `${file}.${process.pid}`;
  const changed = change((JSON.parse(text) as ClientConfig | null) ?? {});
  await writeFile(beside, JSON.stringify(changed, null, '\t'), { mode: 0o600 });
  await rename(beside, file);
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
