import type { ContainerInspect } from '#client/answers.ts';
import { defineCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../failure.ts';
import { listFlag, parsedListFlag, switchFlag, textFlag } from '../../flags/flag.ts';
import { environmentOf, envOf } from '../../spec/environment.ts';
import { followSize, terminalSize, withRawTerminal } from '../../terminal/raw-mode.ts';
import { runSession } from '../../terminal/session.ts';
import { detachKeysOf } from '../attaching.ts';

export const command = defineCommand({
  takes: 'CONTAINER COMMAND [ARG...]',
  count: [2, Number.POSITIVE_INFINITY],
  flags: {
    detach: switchFlag('detach', 'Detached mode: run command in the background', { short: 'd' }),
    detachKeys: textFlag('detach-keys', 'Override the key sequence for detaching a container'),
    env: parsedListFlag('env', (text) => text, 'Set environment variables', { short: 'e' }),
    envFile: listFlag('env-file', 'Read in a file of environment variables'),
    interactive: switchFlag('interactive', 'Keep STDIN open even if not attached', { short: 'i' }),
    privileged: switchFlag('privileged', 'Give extended privileges to the command'),
    tty: switchFlag('tty', 'Allocate a pseudo-TTY', { short: 't' }),
    user: textFlag('user', 'Username or UID (format: "<name|uid>[:<group|gid>]")', { short: 'u' }),
    workdir: textFlag('workdir', 'Working directory inside the container', { short: 'w' }),
  },
  passThrough: true,
  async run({ flags, operands, context }) {
    const [name = '', ...words] = operands;
    const engine = await context.engine();
    const path = `/containers/${encodeURIComponent(name)}`;
    // It tells early and clearly that there is no such container.
    await engine.get<ContainerInspect>(`${path}/json`);
    if (!flags.detach && flags.interactive && flags.tty && !context.stdin.isTTY)
      throw new CliError('the input device is not a TTY');
    const keys = await detachKeysOf(context, flags.detachKeys);
    const attached = {
      stdin: flags.interactive && !flags.detach,
      stdout: !flags.detach,
      stderr: !flags.detach,
    };
    const size = flags.tty ? terminalSize(context) : undefined;
    const env = await environmentOf(
      flags.envFile,
      flags.env.map((text) => envOf(text, context.env)),
      context.env,
    );
    const json = {
      User: flags.user,
      Privileged: flags.privileged,
      Tty: flags.tty,
      ConsoleSize: size === undefined ? undefined : [size.h, size.w],
      AttachStdin: attached.stdin,
      AttachStdout: attached.stdout,
      AttachStderr: attached.stderr,
      DetachKeys: keys.text,
      Env: env.length === 0 ? null : env,
      WorkingDir: flags.workdir,
      Cmd: words,
    };
    const { Id: id } = await engine.json<{ Id: string }>('POST', `${path}/exec`, { json });
    if (!flags.detach) return runAttached(context, { id, attached, tty: flags.tty, keys: keys.bytes });
    await engine.text('POST', `/exec/${id}/start`, { json: { Detach: true, Tty: flags.tty } });
    return 0;
  },
});

interface Execution {
  readonly id: string;
  readonly attached: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  readonly tty: boolean;
  readonly keys: Buffer;
}

async function runAttached(context: Context, { id, attached, tty, keys }: Execution): Promise<number> {
  const engine = await context.engine();
  const size = tty ? terminalSize(context) : undefined;
  const json = { Detach: false, Tty: tty, ConsoleSize: size === undefined ? undefined : [size.h, size.w] };
  const connection = await engine.hijack(`/exec/${id}/start`, { json });
  const stopSizes = tty
    ? followSize(context, (now) => engine.text('POST', `/exec/${id}/resize`, { query: { ...now } }))
    : () => {};
  const end = await withRawTerminal(context, tty && attached.stdin, () =>
    runSession(connection, context, { ...attached, tty, detachKeys: keys }),
  ).finally(stopSizes);
  if (end === 'detached') throw new CliError('read escape sequence');
  return (await engine.get<{ ExitCode: number | null }>(`/exec/${id}/json`)).ExitCode ?? 0;
}
