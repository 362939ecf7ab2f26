import { defineCommand } from '../../command.ts';
import { loadCompose } from '../../compose/load.ts';
import { CliError } from '../../failure.ts';
import { onFlag, switchFlag, textFlag } from '../../flags/flag.ts';
import { deployStack } from '../../swarm/stack-deploy.ts';
import { composeFlag } from '../../swarm/stack-flags.ts';
import { checkStackName } from '../../swarm/stacks.ts';

const resolves = ['always', 'changed', 'never'];

export const command = defineCommand({
  takes: 'STACK',
  count: [1, 1],
  flags: {
    files: composeFlag,
    detach: onFlag('detach', 'Exit immediately instead of waiting for the stack services to converge', {
      short: 'd',
    }),
    prune: switchFlag('prune', 'Prune services that are no longer referenced'),
    quiet: switchFlag('quiet', 'Suppress progress output', { short: 'q' }),
    resolveImage: textFlag(
      'resolve-image',
      'Query the registry to resolve image digest and supported platforms ("always", "changed", "never") (default "always")',
      { initial: 'always', choices: resolves },
    ),
    withRegistryAuth: switchFlag(
      'with-registry-auth',
      'Send registry authentication details to Swarm agents',
    ),
  },
  async run({ flags, given, operands: [name = ''], context }) {
    checkStackName(name);
    const { config, warnings } = await loadCompose(context, flags.files, { explain: true });
    for (const warning of warnings) context.complain(warning);
    if (!resolves.includes(flags.resolveImage))
      throw new CliError(`Invalid option ${flags.resolveImage} for flag --resolve-image`);
    if (flags.detach && !given.has('detach'))
      context.complain(
        'Since --detach=false was not specified, tasks will be created in the background.\nIn a future release, --detach=false will become the default.',
      );
    await deployStack(context, config, { ...flags, name });
  },
});
