import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { listFlag, textFlag } from '../../flags/flag.ts';
import { splitReference } from '../../words/reference.ts';
import { showProgress } from '../progress.ts';

export const command = defineCommand({
  takes: 'file|URL|- [REPOSITORY[:TAG]]',
  count: [1, 2],
  flags: {
    changes: listFlag('change', 'Apply Dockerfile instruction to the created image', { short: 'c' }),
    message: textFlag('message', 'Set commit message for imported image', { short: 'm' }),
    platform: textFlag('platform', 'Set platform if server is multi-platform capable'),
  },
  async run({ flags, operands, context }) {
    const [source = '', reference = ''] = operands;
    const isUrl = /^https?:\/\//.test(source);
    const { repository, tag } = splitReference(reference);
    if (!isUrl && source !== '-') {
      await access(source).catch((cause: unknown) => {
        throw new CliError(`open ${source}: no such file or directory`, { cause });
      });
    }
    const engine = await context.engine();
    const answer = await engine.open('POST', '/images/create', {
      query: {
        fromSrc: isUrl ? source : '-',
        repo: repository,
        tag,
        message: flags.message,
        changes: flags.changes,
        platform: flags.platform.toLowerCase(),
      },
      stream: isUrl ? undefined : source === '-' ? context.stdin : createReadStream(source),
    });
    await showProgress(context, answer);
  },
});
