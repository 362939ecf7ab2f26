import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { switchFlag, textFlag } from '../../flags/flag.ts';
import { imagePath, withTag } from '../../words/reference.ts';
import { fetchPlugin } from '../plugins.ts';
import { showProgress } from '../progress.ts';

export const command = defineCommand({
  takes: 'PLUGIN [KEY=VALUE...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {
    alias: textFlag('alias', 'Local name for plugin'),
    disable: switchFlag('disable', 'Do not enable the plugin on install'),
    contentTrust: switchFlag('disable-content-trust', 'Skip image verification', { hidden: true }),
    grant: switchFlag('grant-all-permissions', 'Grant all permissions necessary to run the plugin'),
  },
  async run({ flags, operands, context }) {
    const [remote = '', ...settings] = operands;
    if (flags.alias.includes('@')) throw new CliError(`invalid name: ${flags.alias}`);
    const local = flags.alias === '' ? '' : withTag(flags.alias);
    const engine = await context.engine();
    const answer = await fetchPlugin(context, remote, {
      ...{ grant: flags.grant, path: '/plugins/pull' },
      query: local === '' ? {} : { name: local },
    });
    const name = imagePath(String(answer.headers['docker-plugin-name'] ?? local));
    await showProgress(context, answer);
    try {
      if (settings.length > 0) await engine.text('POST', `/plugins/${name}/set`, { json: settings });
      if (!flags.disable) await engine.text('POST', `/plugins/${name}/enable`, { query: { timeout: 0 } });
    } catch (thrown) {
      // one that cannot be set up is not kept, as by docker
      await engine.text('DELETE', `/plugins/${name}`, { query: { force: true } }).catch(() => undefined);
      throw thrown;
    }
    await context.print(`Installed plugin ${remote}\n`);
  },
});
