import type { PublishedPorts } from '#client/seaway-answers.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { textFlag } from '../../flags/flag.ts';
import { parsePublish } from '../../spec/ports.ts';

export const command = defineCommand({
  takes: 'CONTAINER [HOST:]PORT[/PROTO] [[HOST:]PORT[/PROTO]...]',
  count: [2, Number.MAX_SAFE_INTEGER],
  flags: { policy: textFlag('policy', 'Whether the host\'s firewall is obeyed ("open"|"host")') },
  async run({ flags, operands, context }) {
    const [container = '', ...asked] = operands;
    const PortBindings: Record<string, object[]> = {};
    for (const { port, ...binding } of asked.flatMap(parsed))
      PortBindings[port] = [...(PortBindings[port] ?? []), binding];
    const engine = await context.engine();
    const at = `/seaway/containers/${encodeURIComponent(container)}/ports/add`;
    const { Ports } = await engine.json<PublishedPorts>('POST', at, {
      json: { PortBindings, Policy: flags.policy },
    });
    await context.print(Ports.map(({ Host, Port }) => `${Port} -> ${Host}\n`).join(''));
  },
});

function parsed(text: string): ReturnType<typeof parsePublish> {
  try {
    return parsePublish(text);
  } catch (thrown) {
    throw new CliError(`invalid port ${text}: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}
