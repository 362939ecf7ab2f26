import { EngineError } from '#client/errors.ts';
import { messageOf } from '../../../errors.ts';
import { defineCommand } from '../../command.ts';
import { containerFlags, creationFlags } from '../../spec/container-flags.ts';
import { createContainer, creationError } from '../creating.ts';

export const command = defineCommand({
  takes: 'IMAGE [COMMAND] [ARG...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: { ...containerFlags, ...creationFlags },
  passThrough: true,
  async run({ flags, given, operands, context }) {
    const ask = { flags, given, operands, detach: false, context };
    const { id } = await createContainer(ask).catch((thrown: unknown) => {
      // the engine's refusals are worded as in other commands
      if (thrown instanceof EngineError) throw thrown;
      throw creationError(context, thrown instanceof Error ? thrown : new Error(messageOf(thrown)));
    });
    await context.print(`${id}\n`);
  },
});
