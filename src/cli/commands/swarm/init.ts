import { EngineError } from '#client/errors.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import {
  availabilityOf,
  changeSpec,
  printJoinCommand,
  printUnlockCommand,
  type SwarmSpec,
  unlockKey,
} from '../../swarm/cluster.ts';
import { initFlags } from '../../swarm/cluster-flags.ts';

/** An address has to be chosen by the user. */
const needsAddress = /could not choose an IP address to advertise|could not find the system's IP address/;

function explained(thrown: unknown): unknown {
  return thrown instanceof EngineError && needsAddress.test(thrown.message)
    ? new CliError(`${thrown.message} - specify one with --advertise-addr`, { cause: thrown })
    : thrown;
}

export const command = defineCommand({
  flags: initFlags,
  async run({ flags, given, context }) {
    const engine = await context.engine();
    const spec: SwarmSpec = {};
    changeSpec(spec, { flags, given });
    const json = {
      ListenAddr: flags.listen,
      AdvertiseAddr: flags.advertise,
      DataPathAddr: flags.dataPath,
      DataPathPort: flags.dataPathPort,
      ForceNewCluster: flags.force,
      Spec: spec,
      AutoLockManagers: flags.autolock,
      Availability: availabilityOf(flags, { given }) ?? '',
      DefaultAddrPool: flags.addressPools.flat(),
      SubnetSize: flags.poolMask,
    };
    const node = await engine.json<string>('POST', '/swarm/init', { json }).catch((thrown: unknown) => {
      throw explained(thrown);
    });
    await context.print(`Swarm initialized: current node (${node}) is now a manager.\n\n`);
    await printJoinCommand(context, node, 'worker');
    await context.print(
      `To add a manager to this swarm, run '${context.program} swarm join-token manager' and follow the instructions.\n`,
    );
    if (flags.autolock) await printUnlockCommand(context, await unlockKey(engine));
  },
});
