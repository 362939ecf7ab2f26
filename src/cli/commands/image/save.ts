import { defineCommand } from '../../command.ts';
import { textFlag } from '../../flags/flag.ts';
import { saveStream } from '../saving.ts';

export const command = defineCommand({
  takes: 'IMAGE [IMAGE...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {
    output: textFlag('output', 'Write to a file, instead of STDOUT', { short: 'o' }),
    platform: textFlag('platform', 'Save only the given platform variant'),
  },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const query = { names: operands, platform: platformJson(flags.platform) };
    await saveStream(context, flags.output, () => engine.open('GET', '/images/get', { query }));
  },
});

/** `linux/arm64/v8` in the API's form. */
function platformJson(text: string): string | undefined {
  const [os, architecture, variant] = text.split('/');
  return text === '' ? undefined : JSON.stringify({ os, architecture, variant });
}
