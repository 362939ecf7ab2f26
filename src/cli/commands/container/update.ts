import { messageOf } from '../../../errors.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { resourceFlags } from '../../spec/container-flags.ts';
import { parseRestart } from '../../spec/hosts.ts';
import { forEach } from '../each.ts';

function restartPolicy(text: string) {
  try {
    return text === '' ? undefined : parseRestart(text);
  } catch (thrown) {
    throw new CliError(messageOf(thrown), { cause: thrown });
  }
}

export const command = defineCommand({
  takes: 'CONTAINER [CONTAINER...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: resourceFlags,
  async run({ flags, given, operands, context }) {
    if (given.size === 0) throw new CliError('you must provide one or more flags when using this command');
    const engine = await context.engine();
    const json = {
      BlkioWeight: flags.blkioWeight,
      CpuShares: flags.cpuShares,
      CpuPeriod: flags.cpuPeriod,
      CpuQuota: flags.cpuQuota,
      CpuRealtimePeriod: flags.cpuRtPeriod,
      CpuRealtimeRuntime: flags.cpuRtRuntime,
      CpusetCpus: flags.cpusetCpus,
      CpusetMems: flags.cpusetMems,
      Memory: flags.memory,
      MemoryReservation: flags.memoryReservation,
      MemorySwap: flags.memorySwap,
      NanoCpus: flags.cpus,
      PidsLimit: given.has('pidsLimit') ? flags.pidsLimit : undefined,
      RestartPolicy: restartPolicy(flags.restart),
    };
    return forEach(context, operands, async (name) => {
      const answer = await engine.json<{ Warnings?: string[] | null }>(
        'POST',
        `/containers/${encodeURIComponent(name)}/update`,
        { json },
      );
      for (const warning of answer.Warnings ?? []) context.complain(warning);
      return name;
    });
  },
});
