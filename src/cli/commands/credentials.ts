/** Credentials for registries, in the client's config or with a credential helper, as the docker CLI keeps them. */
import { spawn } from 'node:child_process';
import { type ClientConfig, changeClientConfig } from '../client-config.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';
import { registryOf } from '../words/reference.ts';

export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/** X-Registry-Auth without credentials, where the API requires the header. */
export const noCredentials = Buffer.from('{}').toString('base64url');

/** The header X-Registry-Auth: base64url of the JSON that the API documents; undefined without credentials. */
export async function registryAuth(context: Context, registry: string): Promise<string | undefined> {
  const config = await context.config();
  const helper = helperOf(config, registry);
  const found = helper === undefined ? undefined : await askHelper(helper, registry);
  const entry = config.auths?.[registry] ?? config.auths?.[`https://${registry}`];
  const auth = found ?? plainCredentials(entry);
  if (auth === undefined) return undefined;
  return Buffer.from(JSON.stringify({ ...auth, serveraddress: registry })).toString('base64url');
}

/** The header for an image's registry, also without credentials. */
export const authFor = async (context: Context, image: string): Promise<string> =>
  (await registryAuth(context, registryOf(image))) ?? noCredentials;

/** Keeps credentials. Without a helper they are stored unencrypted, with a warning. */
export async function keepCredentials(
  context: Context,
  registry: string,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<void> {
  const helper = helperOf(await context.config(), registry);
  if (helper !== undefined) {
    const entry = JSON.stringify({ ServerURL: registry, Username: username, Secret: password });
    await callHelper(helper, 'store', entry);
    return changeAuths(context, (auths) => ({ ...auths, [registry]: {} }));
  }
  context.complain(
    `\nWARNING! Your credentials are stored unencrypted in '${context.configFile}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n`,
  );
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  await changeAuths(context, (auths) => ({ ...auths, [registry]: { auth } }));
}

/** Forgets credentials. False if there were none. */
export async function dropCredentials(context: Context, registry: string): Promise<boolean> {
  const config = await context.config();
  const helper = helperOf(config, registry);
  if (helper !== undefined) await callHelper(helper, 'erase', registry);
  if (config.auths?.[registry] === undefined) return helper !== undefined;
  await changeAuths(context, ({ [registry]: _, ...others }) => others);
  return true;
}

type Auths = NonNullable<ClientConfig['auths']>;

const changeAuths = (context: Context, change: (auths: Auths) => Auths): Promise<void> =>
  changeClientConfig(context.configFile, (config) => ({ ...config, auths: change(config.auths ?? {}) }));

const helperOf = (config: ClientConfig, registry: string): string | undefined =>
  (config.credHelpers?.[registry] ?? config.credsStore) || undefined;

function plainCredentials(
  entry: { readonly auth?: string; readonly identitytoken?: string } | undefined,
): Credentials | undefined {
  if (entry === undefined) return undefined;
  if (entry.identitytoken) return { identitytoken: entry.identitytoken };
  const text = Buffer.from(entry.auth ?? '', 'base64').toString('utf8');
  const at = text.indexOf(':');
  return at < 0
    ? undefined
    : { username: text.slice(0, at), password: text.slice(at + 1).replace(/\0+$/, '') };
}

async function askHelper(helper: string, registry: string): Promise<Credentials | undefined> {
  // a helper that has none for this registry ends with an error
  const said = await callHelper(helper, 'get', registry).catch(() => undefined);
  if (said === undefined) return undefined;
  const { Username, Secret } = JSON.parse(said) as { Username: string; Secret: string };
  return Username === '<token>' ? { identitytoken: Secret } : { username: Username, password: Secret };
}

/** The protocol of docker-credential-helpers: the request on standard input, the answer on standard output. */
function callHelper(helper: string, verb: 'get' | 'store' | 'erase', request: string): Promise<string> {
  const program = `docker-credential-${helper}`;
  return new Promise((resolve, reject) => {
    const child = spawn(program, [verb], { stdio: ['pipe', 'pipe', 'ignore'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.on('error', (error) => reject(new CliError(`error calling ${program}: ${error.message}`)));
    child.on('close', (status) =>
      status === 0 ? resolve(said) : reject(new CliError(`error calling ${program}: ${said.trim()}`)),
    );
    child.stdin.on('error', () => undefined).end(request);
  });
}
