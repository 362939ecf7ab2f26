import { EngineError } from '#client/errors.ts';
import { defineCommand } from '../command.ts';
import { CliError } from '../failure.ts';
import { formatFlag, switchFlag, textFlag } from '../flags/flag.ts';
import { imagePath } from '../words/reference.ts';
import { inspectAll } from './inspecting.ts';

/** Kinds of things in the order in which a name is tried, with their paths. */
const paths: Readonly<Record<string, (name: string) => string>> = {
  container: (name) => `/containers/${encodeURIComponent(name)}/json`,
  image: (name) => `/images/${imagePath(name)}/json`,
  network: (name) => `/networks/${encodeURIComponent(name)}`,
  volume: (name) => `/volumes/${encodeURIComponent(name)}`,
};

export const command = defineCommand({
  takes: 'NAME|ID [NAME|ID...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {
    format: formatFlag('Format output: json, TEMPLATE', { short: 'f' }),
    size: switchFlag('size', 'Display total file sizes if the type is container', { short: 's' }),
    type: textFlag('type', 'Only inspect objects of the given type', { choices: Object.keys(paths) }),
  },
  async run({ flags, given, operands, context }) {
    if (given.has('type') && flags.type === '')
      throw new CliError('type is empty: must be one of "container", "image", "network", "volume"');
    const kinds = flags.type === '' ? Object.keys(paths) : [flags.type];
    const [unknown] = kinds.filter((kind) => !Object.hasOwn(paths, kind));
    if (unknown !== undefined)
      throw new CliError(
        `unknown type: ${JSON.stringify(unknown)}: must be one of "container", "image", "network", "volume"`,
      );
    const engine = await context.engine();
    const fetch = async (name: string): Promise<string> => {
      for (const kind of kinds) {
        const query = { size: kind === 'container' && flags.size };
        try {
          return await engine.text('GET', paths[kind]?.(name) ?? '', { query });
        } catch (thrown) {
          const isMissing = thrown instanceof EngineError && thrown.httpStatus === 404;
          if (!isMissing || kinds.length === 1) throw thrown;
        }
      }
      throw new CliError(`Error: No such object: ${name}`);
    };
    return inspectAll(context, operands, fetch, flags.format);
  },
});
