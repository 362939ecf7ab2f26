import { defineCommand } from '../../command.ts';
import { textFlag } from '../../flags/flag.ts';

interface Rates {
  readonly Egress: string;
  readonly Ingress: string;
}

/** `none` ends a limit. */
const asked = (text: string): string => (text === 'none' ? '' : text);

export const command = defineCommand({
  takes: 'NETWORK CONTAINER',
  count: [2, 2],
  flags: {
    egress: textFlag('egress', 'Limit what the container sends ("10mbit", "none")', { label: 'rate' }),
    ingress: textFlag('ingress', 'Limit what the container receives ("10mbit", "none")', { label: 'rate' }),
  },
  async run({ flags, given, operands: [network = '', container = ''], context }) {
    const engine = await context.engine();
    const json = {
      Container: container,
      ...(given.has('egress') && { Egress: asked(flags.egress) }),
      ...(given.has('ingress') && { Ingress: asked(flags.ingress) }),
    };
    const at = `/seaway/networks/${encodeURIComponent(network)}/rate`;
    const rates = await engine.json<Rates>('POST', at, { json });
    await context.print(`egress ${rates.Egress || 'unlimited'}, ingress ${rates.Ingress || 'unlimited'}\n`);
    return 0;
  },
});
