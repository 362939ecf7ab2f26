import type { PluginSummary } from '#client/answers.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { switchFlag } from '../../flags/flag.ts';
import { familiarName, imagePath, withTag } from '../../words/reference.ts';
import { ask } from '../confirm.ts';
import { fetchPlugin } from '../plugins.ts';
import { showProgress } from '../progress.ts';

export const command = defineCommand({
  takes: 'PLUGIN [REMOTE]',
  count: [1, 2],
  flags: {
    contentTrust: switchFlag('disable-content-trust', 'Skip image verification', { hidden: true }),
    grant: switchFlag('grant-all-permissions', 'Grant all permissions necessary to run the plugin'),
    skipCheck: switchFlag(
      'skip-remote-check',
      'Do not check if specified remote plugin matches existing plugin image',
    ),
  },
  async run({ flags, operands, context }) {
    const [local = '', given = ''] = operands;
    const engine = await context.engine();
    const plugin = await engine
      .get<PluginSummary>(`/plugins/${imagePath(local)}/json`)
      .catch((cause: unknown) => {
        throw new CliError(`error reading plugin data: ${cause instanceof Error ? cause.message : cause}`, {
          cause,
        });
      });
    if (plugin.Enabled) throw new CliError('the plugin must be disabled before upgrading');
    const remote = given || plugin.PluginReference;
    const [from = '', to = ''] = [plugin.PluginReference, remote].map((name) => withTag(familiarName(name)));
    await context.print(`Upgrading plugin ${plugin.Name} from ${from} to ${to}\n`);
    if (!flags.skipCheck && from !== to && !(await ask(context, 'Plugin images do not match, are you sure?')))
      throw new CliError('plugin upgrade has been cancelled');
    const answer = await fetchPlugin(context, remote, {
      grant: flags.grant,
      path: `/plugins/${imagePath(plugin.Name)}/upgrade`,
      query: {},
    });
    await showProgress(context, answer);
    await context.print(`Upgraded plugin ${plugin.Name} to ${remote}\n`);
  },
});
