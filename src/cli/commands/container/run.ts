import { messageOf } from '../../../errors.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { onFlag, switchFlag, textFlag } from '../../flags/flag.ts';
import { attachedOf } from '../../spec/container.ts';
import { containerFlags, creationFlags } from '../../spec/container-flags.ts';
import { attachAndStart } from '../attaching.ts';
import { createContainer, creationError } from '../creating.ts';

const flags = {
  ...containerFlags,
  ...creationFlags,
  detach: switchFlag('detach', 'Run container in background and print container ID', { short: 'd' }),
  detachKeys: textFlag('detach-keys', 'Override the key sequence for detaching a container'),
  sigProxy: onFlag('sig-proxy', 'Proxy received signals to the process'),
};

/** Exit status of a refused start, as in a shell: 127 for not found, 126 for not executable. */
export function startStatus(message: string): number {
  const text = message.toLowerCase();
  if (/executable file not found|no such file or directory|system cannot find the file/.test(text))
    return 127;
  return /permission denied|is a directory|exec format error|not a directory/.test(text) ? 126 : 125;
}

export const command = defineCommand({
  takes: 'IMAGE [COMMAND] [ARG...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags,
  passThrough: true,
  async run({ flags, given, operands, context }) {
    const attached = attachedOf(flags, flags.detach && flags.attach.length === 0);
    if (flags.detach && flags.attach.length > 0)
      throw new CliError('conflicting options: cannot specify both --attach and --detach');
    if (attached.stdin && flags.tty && !context.stdin.isTTY)
      throw new CliError('the input device is not a TTY');
    const failed = (thrown: unknown, status?: number): CliError =>
      creationError(context, thrown instanceof Error ? thrown : new Error(messageOf(thrown)), status);
    const { id } = await createContainer({ flags, given, operands, detach: flags.detach, context }).catch(
      (thrown: unknown) => {
        throw failed(thrown);
      },
    );
    const engine = await context.engine();
    if (flags.detach) {
      await engine.text('POST', `/containers/${id}/start`).catch((thrown: unknown) => {
        throw failed(thrown, startStatus(messageOf(thrown)));
      });
      await context.print(`${id}\n`);
      return 0;
    }
    return attachAndStart(context, {
      id,
      attached,
      tty: flags.tty,
      autoRemove: flags.rm,
      detachKeys: flags.detachKeys,
      proxySignals: flags.sigProxy && !flags.tty,
      startFailed: (thrown) => failed(thrown, startStatus(messageOf(thrown))),
    });
  },
});
