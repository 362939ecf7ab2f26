import { parseJson } from '#client/json.ts';
import { defineCommand } from '../../command.ts';
import { inspectFlags, inspectPretty } from '../../swarm/inspecting.ts';
import { nodeReference } from '../../swarm/names.ts';
import { prettyNode } from '../../swarm/node-pretty.ts';
import type { Node } from '../../swarm/types.ts';

export const command = defineCommand({
  takes: 'self|NODE [NODE...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: inspectFlags,
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    return inspectPretty(context, operands, {
      format: flags.format,
      isPretty: flags.pretty,
      fetch: async (name) =>
        engine.text('GET', `/nodes/${encodeURIComponent(await nodeReference(engine, name))}`),
      pretty: (text) => prettyNode(parseJson(text) as Node),
    });
  },
});
