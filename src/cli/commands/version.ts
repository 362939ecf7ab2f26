import { newestVersion } from '#client/client.ts';
import { ConnectionError } from '#client/errors.ts';
import { version } from '../../version.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { formatFlag } from '../flags/flag.ts';
import { templateValue } from '../template/json.ts';
import { renderOne } from './rendering.ts';

interface Server {
  readonly Platform?: { readonly Name: string };
  readonly Components?: readonly {
    readonly Name: string;
    readonly Version: string;
    readonly Details?: Readonly<Record<string, string>>;
  }[];
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion?: string;
  readonly Os: string;
  readonly Arch: string;
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

function clientOf(api: string) {
  return {
    Version: version,
    ApiVersion: api,
    DefaultAPIVersion: newestVersion,
    NodeVersion: process.version,
    Os: process.platform,
    Arch: architectures[process.arch] ?? process.arch,
    Context: 'default',
  };
}

export const command = defineCommand({
  flags: { format: formatFlag('Format output: json, TEMPLATE', { short: 'f' }) },
  async run({ flags, context }) {
    const { server, api, failure } = await askServer(context);
    const client = clientOf(api);
    if (flags.format !== '')
      await context.print(renderOne(flags.format, templateValue({ Client: client, Server: server ?? null })));
    else await context.print(textOf(client, server));
    if (failure === undefined) return 0;
    context.complain(failure.message);
    return 1;
  },
});

async function askServer(context: Context): Promise<{ server?: Server; api: string; failure?: Error }> {
  try {
    const engine = await context.engine();
    return { server: await engine.get<Server>('/version'), api: engine.version };
  } catch (thrown) {
    if (!(thrown instanceof ConnectionError)) throw thrown;
    return { api: newestVersion, failure: thrown };
  }
}

/** `Name:   value` lines, the values in one column. */
const lines = (indent: string, rows: readonly (readonly [string, string])[], width: number): string =>
  rows.map(([name, value]) => `${indent}${`${name}:`.padEnd(width)}${value}\n`).join('');

const detailNames: Readonly<Record<string, string>> = {
  ApiVersion: 'API version',
  GitCommit: 'Git commit',
  GoVersion: 'Go version',
  BuildTime: 'Built',
  NodeVersion: 'Node version',
};

function textOf(client: ReturnType<typeof clientOf>, server: Server | undefined): string {
  const api =
    client.ApiVersion === client.DefaultAPIVersion
      ? client.ApiVersion
      : `${client.ApiVersion} (downgraded from ${client.DefaultAPIVersion})`;
  const own = lines(
    ' ',
    [
      ['Version', client.Version],
      ['API version', api],
      ['Node version', client.NodeVersion],
      ['OS/Arch', `${client.Os}/${client.Arch}`],
      ['Context', client.Context],
    ],
    19,
  );
  return `Client:\n${own}${server === undefined ? '' : `\n${serverText(server)}`}`;
}

function serverText(server: Server): string {
  const [engine, ...others] = server.Components ?? [];
  const title = server.Platform?.Name ? `Server: ${server.Platform.Name}` : 'Server:';
  const details = engine?.Details ?? {};
  const rows: [string, string][] = [['Version', server.Version]];
  const minimum = server.MinAPIVersion ? ` (minimum version ${server.MinAPIVersion})` : '';
  rows.push(['API version', `${server.ApiVersion}${minimum}`]);
  for (const name of ['NodeVersion', 'GoVersion', 'GitCommit', 'BuildTime']) {
    if (details[name]) rows.push([detailNames[name] ?? name, details[name]]);
  }
  rows.push(['OS/Arch', `${server.Os}/${server.Arch}`], ['Experimental', details.Experimental ?? 'false']);
  const parts = others.map(
    ({ Name, Version, Details = {} }) =>
      ` ${Name}:\n${lines('  ', [['Version', Version], ...Object.entries(Details)], 18)}`,
  );
  return `${title}\n ${engine?.Name ?? 'Engine'}:\n${lines('  ', rows, 18)}${parts.join('')}`;
}
