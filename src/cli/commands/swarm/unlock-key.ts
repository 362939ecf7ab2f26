import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { switchFlag } from '../../flags/flag.ts';
import { type Cluster, printUnlockCommand, unlockKey, updateSwarm } from '../../swarm/cluster.ts';

export const command = defineCommand({
  flags: {
    quiet: switchFlag('quiet', 'Only display token', { short: 'q' }),
    rotate: switchFlag('rotate', 'Rotate unlock key'),
  },
  async run({ flags, context }) {
    const engine = await context.engine();
    if (flags.rotate) {
      const swarm = await engine.get<Cluster>('/swarm');
      if (swarm.Spec.EncryptionConfig?.AutoLockManagers !== true)
        throw new CliError('cannot rotate because autolock is not turned on');
      await updateSwarm(engine, swarm, { rotateManagerUnlockKey: true });
      if (!flags.quiet) await context.print('Successfully rotated manager unlock key.\n\n');
    }
    const key = await unlockKey(engine);
    if (key === '') throw new CliError('no unlock key is set');
    if (flags.quiet) await context.print(`${key}\n`);
    else await printUnlockCommand(context, key);
  },
});
