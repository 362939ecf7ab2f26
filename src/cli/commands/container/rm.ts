import { EngineError } from '#client/errors.ts';
import { defineCommand } from '../../command.ts';
import { switchFlag } from '../../flags/flag.ts';
import { forAll } from '../each.ts';

export const command = defineCommand({
  takes: 'CONTAINER [CONTAINER...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {
    force: switchFlag('force', 'Force the removal of a running container (uses SIGKILL)', { short: 'f' }),
    link: switchFlag('link', 'Remove the specified link', { short: 'l' }),
    volumes: switchFlag('volumes', 'Remove anonymous volumes associated with the container', { short: 'v' }),
  },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const query = { force: flags.force, link: flags.link, v: flags.volumes };
    return forAll(context, operands, async (given) => {
      const name = given.replace(/^\/+/, '');
      try {
        await engine.text('DELETE', `/containers/${encodeURIComponent(name)}`, { query });
      } catch (thrown) {
        // with --force a missing container is no failure, but is reported, as by docker
        const isGone = flags.force && thrown instanceof EngineError && thrown.httpStatus === 404;
        if (!isGone) throw thrown;
        context.complain(thrown.message);
        return undefined;
      }
      return given;
    });
  },
});
