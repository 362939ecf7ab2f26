import { EngineError } from '#client/errors.ts';
import { defineCommand } from '../../command.ts';
import { switchFlag } from '../../flags/flag.ts';
import { imagePath } from '../../words/reference.ts';
import { forEach } from '../each.ts';

interface Removed {
  readonly Untagged?: string;
  readonly Deleted?: string;
}

export const command = defineCommand({
  takes: 'IMAGE [IMAGE...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {
    force: switchFlag('force', 'Force removal of the image', { short: 'f' }),
    noPrune: switchFlag('no-prune', 'Do not delete untagged parents'),
  },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const query = { force: flags.force, noprune: flags.noPrune };
    let missing = 0;
    const status = await forEach(context, operands, async (name) => {
      try {
        const done = await engine.json<Removed[]>('DELETE', `/images/${imagePath(name)}`, { query });
        return done
          .map(({ Untagged, Deleted }) => (Deleted ? `Deleted: ${Deleted}` : `Untagged: ${Untagged}`))
          .join('\n');
      } catch (thrown) {
        if (thrown instanceof EngineError && thrown.httpStatus === 404) missing++;
        throw thrown;
      }
    });
    // with --force a missing image is no failure
    return status !== 0 && flags.force && missing > 0 ? 0 : status;
  },
});
