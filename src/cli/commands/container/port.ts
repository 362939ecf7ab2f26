import type { ContainerInspect } from '#client/answers.ts';
import { joinHostPort } from '../../../net/address.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { naturalOrder } from '../../words/text.ts';

export const command = defineCommand({
  takes: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
  count: [1, 2],
  flags: {},
  async run({ operands, context }) {
    const [name = '', asked] = operands;
    const engine = await context.engine();
    const { NetworkSettings } = await engine.get<ContainerInspect>(
      `/containers/${encodeURIComponent(name)}/json`,
    );
    const ports = NetworkSettings.Ports ?? {};
    if (asked !== undefined) {
      const bindings = ports[asked.includes('/') ? asked : `${asked}/tcp`];
      if (!bindings || bindings.length === 0)
        throw new CliError(`Error: No public port '${asked}' published for ${name}`);
      await context.print(
        bindings.map(({ HostIp, HostPort }) => `${joinHostPort(HostIp, HostPort)}\n`).join(''),
      );
      return;
    }
    const lines = Object.entries(ports).flatMap(([port, bindings]) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => `${port} -> ${joinHostPort(HostIp, HostPort)}`),
    );
    await context.print(
      lines
        .sort(naturalOrder)
        .map((line) => `${line}\n`)
        .join(''),
    );
  },
});
