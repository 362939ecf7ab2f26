import { text } from 'node:stream/consumers';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';
import { switchFlag, textFlag } from '../flags/flag.ts';
import { ask } from '../terminal/ask.ts';
import { registryAddress } from '../words/reference.ts';
import { keepCredentials } from './credentials.ts';

/** Throws `CliError` where there is no terminal to ask at. */
async function askHere(context: Context, question: string, options?: { hidden: boolean }): Promise<string> {
  if (!context.stdin.isTTY)
    throw new CliError('Error: Cannot perform an interactive login from a non TTY device');
  return ask(context, question, options);
}

export const command = defineCommand({
  takes: '[SERVER]',
  count: [0, 1],
  flags: {
    password: textFlag('password', 'Password or Personal Access Token (PAT)', { short: 'p' }),
    fromInput: switchFlag('password-stdin', 'Take the Password or Personal Access Token (PAT) from stdin'),
    username: textFlag('username', 'Username', { short: 'u' }),
  },
  async run({ flags, operands, context }) {
    if (flags.fromInput && flags.password !== '')
      throw new CliError('--password and --password-stdin are mutually exclusive');
    if (flags.fromInput && flags.username === '')
      throw new CliError('Must provide --username with --password-stdin');
    if (flags.password !== '')
      context.complain('WARNING! Using --password via the CLI is insecure. Use --password-stdin.');
    const registry = registryAddress(operands[0] ?? '');
    const given = flags.fromInput ? (await text(context.stdin)).replace(/\r?\n$/, '') : flags.password;
    const username = flags.username || (await askHere(context, 'Username: '));
    const password = given || (await askHere(context, 'Password: ', { hidden: true }));
    if (username === '' || password === '') throw new CliError('Error: Password Required');
    const engine = await context.engine();
    const said = await engine.text('POST', '/auth', {
      json: { username, password, serveraddress: registry },
    });
    await keepCredentials(context, registry, { username, password });
    const { Status } = JSON.parse(said) as { readonly Status?: string };
    if (Status) await context.print(`${Status}\n`);
  },
});
