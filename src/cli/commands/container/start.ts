import type { ContainerInspect } from '#client/answers.ts';
import { ConnectionError } from '#client/errors.ts';
import { messageOf } from '../../../errors.ts';
import { defineCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../failure.ts';
import { switchFlag, textFlag } from '../../flags/flag.ts';
import { attachAndStart } from '../attaching.ts';

export const command = defineCommand({
  takes: 'CONTAINER [CONTAINER...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {
    attach: switchFlag('attach', 'Attach STDOUT/STDERR and forward signals', { short: 'a' }),
    detachKeys: textFlag('detach-keys', 'Override the key sequence for detaching a container'),
    interactive: switchFlag('interactive', "Attach container's STDIN", { short: 'i' }),
  },
  async run({ flags, operands, context }) {
    if (!flags.attach && !flags.interactive) return startAll(context, operands);
    const [name = '', ...others] = operands;
    if (others.length > 0) throw new CliError('you cannot start and attach multiple containers at once');
    const engine = await context.engine();
    const {
      Id: id,
      Config,
      HostConfig,
    } = await engine.get<ContainerInspect>(`/containers/${encodeURIComponent(name)}/json`);
    const stdin = flags.interactive && Config.OpenStdin;
    if (stdin && Config.Tty && !context.stdin.isTTY) throw new CliError('the input device is not a TTY');
    return attachAndStart(context, {
      id,
      attached: { stdin, stdout: true, stderr: true },
      tty: Config.Tty,
      autoRemove: HostConfig.AutoRemove,
      detachKeys: flags.detachKeys,
      proxySignals: !Config.Tty,
      startFailed: (thrown) => new CliError(messageOf(thrown), { cause: thrown }),
    });
  },
});

async function startAll(context: Context, names: readonly string[]): Promise<number> {
  const engine = await context.engine();
  const failed: string[] = [];
  for (const name of names) {
    try {
      await engine.text('POST', `/containers/${encodeURIComponent(name)}/start`);
      await context.print(`${name}\n`);
    } catch (thrown) {
      if (thrown instanceof ConnectionError) throw thrown;
      context.complain(messageOf(thrown));
      failed.push(name);
    }
  }
  if (failed.length === 0) return 0;
  throw new CliError(`Error: failed to start containers: ${failed.join(', ')}`);
}
