import type { ContainerInspect } from '#client/answers.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { onFlag, switchFlag, textFlag } from '../../flags/flag.ts';
import { attachRunning, openWait, proxyTo, statusOf } from '../attaching.ts';

export const command = defineCommand({
  takes: 'CONTAINER',
  count: [1, 1],
  flags: {
    detachKeys: textFlag('detach-keys', 'Override the key sequence for detaching a container'),
    noStdin: switchFlag('no-stdin', 'Do not attach STDIN'),
    sigProxy: onFlag('sig-proxy', 'Proxy all received signals to the process'),
  },
  async run({ flags, operands, context }) {
    const name = operands[0] ?? '';
    const engine = await context.engine();
    const {
      Id: id,
      State,
      Config,
    } = await engine.get<ContainerInspect>(`/containers/${encodeURIComponent(name)}/json`);
    if (!State.Running) throw new CliError('You cannot attach to a stopped container, start it first');
    if (State.Paused) throw new CliError('You cannot attach to a paused container, unpause it first');
    if (State.Restarting)
      throw new CliError('You cannot attach to a restarting container, wait until it is running');
    const stdin = !flags.noStdin && Config.OpenStdin;
    if (stdin && Config.Tty && !context.stdin.isTTY) throw new CliError('the input device is not a TTY');
    const waiting = await openWait(engine, id, false);
    const stopSignals = flags.sigProxy && !Config.Tty ? proxyTo(context, engine, id) : () => {};
    try {
      const attached = { stdin, stdout: true, stderr: true };
      const end = await attachRunning(context, {
        id,
        attached,
        tty: Config.Tty,
        detachKeys: flags.detachKeys,
      });
      if (end === 'detached') throw new CliError('read escape sequence');
      return await statusOf(waiting);
    } finally {
      stopSignals();
      waiting.destroy();
    }
  },
});
