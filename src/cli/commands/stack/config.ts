import { defineCommand } from '../../command.ts';
import { loadCompose } from '../../compose/load.ts';
import { yamlText } from '../../compose/yaml.ts';
import { switchFlag } from '../../flags/flag.ts';
import { composeFlag } from '../../swarm/stack-flags.ts';

export const command = defineCommand({
  flags: {
    files: composeFlag,
    skipInterpolation: switchFlag('skip-interpolation', 'Skip interpolation and output only merged config'),
  },
  async run({ flags, context }) {
    const { config } = await loadCompose(context, flags.files, flags);
    await context.print(yamlText(config));
  },
});
