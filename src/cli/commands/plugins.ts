/** Fetches a plugin's image, after the user has granted its privileges. */
import type { IncomingMessage } from 'node:http';
import type { Query } from '#client/client.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';
import { fullName, registryOf } from '../words/reference.ts';
import { ask } from './confirm.ts';
import { noCredentials, registryAuth } from './credentials.ts';

interface Privilege {
  readonly Name: string;
  readonly Description: string;
  readonly Value: readonly string[];
}

export interface PluginFetch {
  /** Grant its privileges without a question. */
  readonly grant: boolean;
  /** Of the request that fetches it. */
  readonly path: string;
  readonly query: Query;
}

/** The engine's progress. Throws `CliError` where the user does not grant it. */
export async function fetchPlugin(
  context: Context,
  remote: string,
  { grant, path, query }: PluginFetch,
): Promise<IncomingMessage> {
  const engine = await context.engine();
  const headers = { 'X-Registry-Auth': (await registryAuth(context, registryOf(remote))) ?? noCredentials };
  const named = { remote: fullName(remote) };
  const asked = JSON.parse(await engine.text('GET', '/plugins/privileges', { query: named, headers })) as
    | Privilege[]
    | null;
  const privileges = asked ?? [];
  if (!grant && privileges.length > 0 && !(await isGranted(context, remote, privileges)))
    throw new CliError(`permission denied while installing plugin ${named.remote}`);
  return engine.open('POST', path, { query: { ...query, ...named }, headers, json: privileges });
}

function isGranted(context: Context, remote: string, privileges: readonly Privilege[]): Promise<boolean> {
  const lines = privileges.map(({ Name, Value }) => ` - ${Name}: [${Value.join(' ')}]\n`);
  const head = `Plugin ${JSON.stringify(remote)} is requesting the following privileges:\n`;
  return ask(context, `${head}${lines.join('')}Do you grant the above permissions?`);
}
