/** Pulling an image, with the credentials of the client's config. */
import { execFile } from 'node:child_process';
import type { Context } from '../context.ts';
import { fullName, registryOf, splitReference, withTag } from '../words/reference.ts';
import { showProgress } from './progress.ts';

export interface PullOptions {
  readonly platform: string;
  readonly quiet: boolean;
  readonly allTags?: boolean;
  /** Where progress goes; standard output unless told. */
  readonly to?: NodeJS.WriteStream;
}

/** Pull, showing progress; with `quiet` only the image's name. Throws `CliError`. */
export async function pullImage(context: Context, name: string, options: PullOptions): Promise<void> {
  const engine = await context.engine();
  const full = fullName(options.allTags ? name : withTag(name));
  const { repository, tag } = splitReference(full);
  const [plain = '', digest] = repository.split('@');
  const auth = await registryAuth(context, registryOf(name));
  const answer = await engine.open('POST', '/images/create', {
    query: { fromImage: plain, tag: digest ?? tag, platform: options.platform.toLowerCase() },
    headers: auth === undefined ? {} : { 'X-Registry-Auth': auth },
  });
  await showProgress(context, answer, { quiet: options.quiet, to: options.to });
  if (options.to === undefined) await context.print(`${full}\n`);
}

/** The header X-Registry-Auth: base64url of the JSON that the API documents; undefined without credentials. */
async function registryAuth(context: Context, registry: string): Promise<string | undefined> {
  const config = await context.config();
  const helper = config.credHelpers?.[registry] ?? config.credsStore;
  const found = helper === undefined || helper === '' ? undefined : await askHelper(helper, registry);
  const entry = config.auths?.[registry] ?? config.auths?.[`https://${registry}`];
  const auth = found ?? plainCredentials(entry);
  if (auth === undefined) return undefined;
  return Buffer.from(JSON.stringify({ ...auth, serveraddress: registry })).toString('base64url');
}

interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

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

/** The protocol of docker-credential-helpers: the registry on standard input, JSON on standard output. */
function askHelper(helper: string, registry: string): Promise<Credentials | undefined> {
  return new Promise((resolve) => {
    const child = execFile(`docker-credential-${helper}`, ['get'], (error, stdout) => {
      if (error !== null) return resolve(undefined);
      const { Username, Secret } = JSON.parse(stdout) as { Username: string; Secret: string };
      resolve(Username === '<token>' ? { identitytoken: Secret } : { username: Username, password: Secret });
    });
    child.stdin?.end(registry);
  });
}
