import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { switchFlag, textFlag } from '../../flags/flag.ts';
import { fullName, imagePath, registryOf, splitReference } from '../../words/reference.ts';
import { noCredentials, registryAuth } from '../credentials.ts';
import { showProgress } from '../progress.ts';

export const command = defineCommand({
  takes: 'NAME[:TAG]',
  count: [1, 1],
  flags: {
    allTags: switchFlag('all-tags', 'Push all tags of an image to the repository', { short: 'a' }),
    contentTrust: switchFlag('disable-content-trust', 'Skip image signing', { hidden: true }),
    platform: textFlag('platform', 'Push a platform-specific manifest as a single-platform image'),
    quiet: switchFlag('quiet', 'Suppress verbose output', { short: 'q' }),
  },
  async run({ flags, operands, context }) {
    const name = operands[0] ?? '';
    const { repository, tag } = splitReference(name);
    if (name.includes('@')) throw new CliError('cannot push a digest reference');
    if (flags.allTags && tag !== '') throw new CliError("tag can't be used with --all-tags/-a");
    const isDefault = !flags.allTags && tag === '';
    if (isDefault && !flags.quiet) await context.print('Using default tag: latest\n');
    const pushed = isDefault ? 'latest' : tag;
    const engine = await context.engine();
    const auth = (await registryAuth(context, registryOf(name))) ?? noCredentials;
    const answer = await engine.open('POST', `/images/${imagePath(repository)}/push`, {
      query: { tag: pushed, platform: flags.platform },
      headers: { 'X-Registry-Auth': auth },
    });
    await showProgress(context, answer, { quiet: flags.quiet });
    if (flags.quiet)
      await context.print(`${fullName(pushed === '' ? repository : `${repository}:${pushed}`)}\n`);
  },
});
