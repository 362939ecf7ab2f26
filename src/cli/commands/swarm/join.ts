import { defineCommand } from '../../command.ts';
import { textFlag } from '../../flags/flag.ts';
import { availabilityOf } from '../../swarm/cluster.ts';
import { nodeFlags } from '../../swarm/cluster-flags.ts';
import { swarmInfo } from '../../swarm/nodes.ts';

export const command = defineCommand({
  takes: 'HOST:PORT',
  count: [1, 1],
  flags: { ...nodeFlags, token: textFlag('token', 'Token for entry into the swarm') },
  async run({ flags, given, operands, context }) {
    const engine = await context.engine();
    const json = {
      JoinToken: flags.token,
      ListenAddr: flags.listen,
      AdvertiseAddr: flags.advertise,
      DataPathAddr: flags.dataPath,
      RemoteAddrs: operands,
      Availability: availabilityOf(flags, { given }),
    };
    await engine.text('POST', '/swarm/join', { json });
    const { ControlAvailable } = await swarmInfo(engine);
    await context.print(
      `This node joined a swarm as a ${ControlAvailable === true ? 'manager' : 'worker'}.\n`,
    );
  },
});
