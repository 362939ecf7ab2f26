import { EngineError } from '#client/errors.ts';
import { defineCommand } from '../../command.ts';
import { switchFlag } from '../../flags/flag.ts';
import { forEach } from '../each.ts';

export const command = defineCommand({
  takes: 'NETWORK [NETWORK...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: { force: switchFlag('force', 'Do not error if the network does not exist', { short: 'f' }) },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const status = await forEach(context, operands, async (name) => {
      try {
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
