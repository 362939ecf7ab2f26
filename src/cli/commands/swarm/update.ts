import { defineCommand } from '../../command.ts';
import { type Cluster, changeSpec, printUnlockCommand, unlockKey, updateSwarm } from '../../swarm/cluster.ts';
import { specFlags } from '../../swarm/cluster-flags.ts';

export const command = defineCommand({
  flags: { ...specFlags, autolock: { ...specFlags.autolock, help: 'Change manager autolocking setting' } },
  async run({ flags, given, context }) {
    if (given.size === 0) return 'help';
    const engine = await context.engine();
    const swarm = await engine.get<Cluster>('/swarm');
    const wasLocking = swarm.Spec.EncryptionConfig?.AutoLockManagers === true;
    changeSpec(swarm.Spec, { flags, given });
    await updateSwarm(engine, swarm);
    await context.print('Swarm updated.\n');
    const locks = swarm.Spec.EncryptionConfig?.AutoLockManagers === true;
    if (locks && !wasLocking) await printUnlockCommand(context, await unlockKey(engine));
    return 0;
  },
});
