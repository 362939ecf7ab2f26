import { EngineError } from '#client/errors.ts';
import { defineCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { switchFlag } from '../../flags/flag.ts';
import { confirm } from '../confirm.ts';
import { forEach } from '../each.ts';

// In docker's words, which scripts may wait for.
const warning =
  'WARNING! Before removing the routing-mesh network, make sure all the nodes in your swarm run the same docker engine version. Otherwise, removal may not be effective and functionality of newly create ingress networks will be impaired.';

interface Found {
  readonly Ingress?: boolean;
}

/** Asks first where it is the network of the routing mesh. */
async function mayRemove(context: Context, name: string): Promise<boolean> {
  const engine = await context.engine();
  const path = `/networks/${encodeURIComponent(name)}`;
  // The removal itself says what is wrong with the name.
  const found = await engine.get<Found>(path).catch((thrown: unknown): Found => {
    if (thrown instanceof EngineError) return {};
    throw thrown;
  });
  return found.Ingress !== true || confirm(context, warning);
}

export const command = defineCommand({
  takes: 'NETWORK [NETWORK...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: { force: switchFlag('force', 'Do not error if the network does not exist', { short: 'f' }) },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const status = await forEach(context, operands, async (name) => {
      try {
        if (!(await mayRemove(context, name))) return undefined;
        await engine.text('DELETE', `/networks/${encodeURIComponent(name)}`);
        return name;
      } catch (thrown) {
        if (flags.force && thrown instanceof EngineError && thrown.httpStatus === 404) return undefined;
        throw thrown;
      }
    });
    // docker says so too; scripts that look at the last line see the same.
    if (status !== 0) context.complain('exit status 1');
    return status;
  },
});
