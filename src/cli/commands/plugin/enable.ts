import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { intFlag } from '../../flags/flag.ts';
import { imagePath } from '../../words/reference.ts';

export const command = defineCommand({
  takes: 'PLUGIN',
  count: [1, 1],
  flags: { timeout: intFlag('timeout', 'HTTP client timeout (in seconds)', { initial: 30 }) },
  async run({ flags, operands, context }) {
    const name = operands[0] ?? '';
    if (flags.timeout < 0) throw new CliError(`negative timeout ${flags.timeout} is invalid`);
    const engine = await context.engine();
    await engine.text('POST', `/plugins/${imagePath(name)}/enable`, { query: { timeout: flags.timeout } });
    await context.print(`${name}\n`);
  },
});
