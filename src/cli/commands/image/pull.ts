import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { switchFlag, textFlag } from '../../flags/flag.ts';
import { splitReference } from '../../words/reference.ts';
import { pullImage } from '../pulling.ts';

export const command = defineCommand({
  takes: 'NAME[:TAG|@DIGEST]',
  count: [1, 1],
  flags: {
    allTags: switchFlag('all-tags', 'Download all tagged images in the repository', { short: 'a' }),
    contentTrust: switchFlag('disable-content-trust', 'Skip image verification', { hidden: true }),
    platform: textFlag('platform', 'Set platform if server is multi-platform capable'),
    quiet: switchFlag('quiet', 'Suppress verbose output', { short: 'q' }),
  },
  async run({ flags, operands, context }) {
    const name = operands[0] ?? '';
    const hasTag = splitReference(name).tag !== '' || name.includes('@');
    if (flags.allTags && hasTag) throw new CliError("tag can't be used with --all-tags/-a");
    if (!flags.allTags && !hasTag && !flags.quiet) await context.print('Using default tag: latest\n');
    await pullImage(context, name, { platform: flags.platform, quiet: flags.quiet, allTags: flags.allTags });
  },
});
