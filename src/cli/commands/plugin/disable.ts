import { defineCommand } from '../../command.ts';
import { switchFlag } from '../../flags/flag.ts';
import { imagePath } from '../../words/reference.ts';

export const command = defineCommand({
  takes: 'PLUGIN',
  count: [1, 1],
  flags: { force: switchFlag('force', 'Force the disable of an active plugin', { short: 'f' }) },
  async run({ flags, operands, context }) {
    const name = operands[0] ?? '';
    const engine = await context.engine();
    await engine.text('POST', `/plugins/${imagePath(name)}/disable`, { query: { force: flags.force } });
    await context.print(`${name}\n`);
  },
});
