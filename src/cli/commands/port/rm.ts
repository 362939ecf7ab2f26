import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  takes: 'CONTAINER [IP:]HOSTPORT[/PROTO] [[IP:]HOSTPORT[/PROTO]...]',
  count: [2, Number.MAX_SAFE_INTEGER],
  flags: {},
  async run({ operands, context }) {
    const [container = '', ...Ports] = operands;
    const engine = await context.engine();
    const at = `/seaway/containers/${encodeURIComponent(container)}/ports/remove`;
    await engine.text('POST', at, { json: { Ports } });
  },
});
