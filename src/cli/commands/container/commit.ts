import { defineCommand } from '../../command.ts';
import { listFlag, onFlag, textFlag } from '../../flags/flag.ts';
import { fullName, splitReference } from '../../words/reference.ts';

export const command = defineCommand({
  takes: 'CONTAINER [REPOSITORY[:TAG]]',
  count: [1, 2],
  flags: {
    author: textFlag('author', 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")', { short: 'a' }),
    changes: listFlag('change', 'Apply Dockerfile instruction to the created image', { short: 'c' }),
    message: textFlag('message', 'Commit message', { short: 'm' }),
    pause: onFlag('pause', 'Pause container during commit', { short: 'p' }),
  },
  async run({ flags, operands, context }) {
    const [container = '', reference = ''] = operands;
    const { repository, tag } = splitReference(reference);
    const engine = await context.engine();
    const answer = await engine.json<{ Id: string }>('POST', '/commit', {
      query: {
        container,
        repo: repository === '' ? '' : fullName(repository),
        tag,
        author: flags.author,
        comment: flags.message,
        changes: flags.changes,
        pause: flags.pause ? undefined : '0',
      },
    });
    await context.print(`${answer.Id}\n`);
  },
});
