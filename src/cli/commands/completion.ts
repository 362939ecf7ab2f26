import { defineCommand } from '../command.ts';
import { completionScript, shells } from '../completion/scripts.ts';
import { CliError } from '../failure.ts';

export const command = defineCommand({
  takes: 'bash|zsh|fish',
  count: [1, 1],
  flags: {},
  async run({ operands, context }) {
    const shell = shells.find((each) => each === operands[0]);
    if (shell === undefined)
      throw new CliError(`unknown shell ${JSON.stringify(operands[0])}: must be one of ${shells.join(', ')}`);
    await context.print(completionScript(shell, await context.commandTree()));
  },
});
