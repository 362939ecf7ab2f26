import { defineCommand } from '../../command.ts';
import { listFlag, mapFlag, textFlag } from '../../flags/flag.ts';
import { recordOf } from '../../spec/labels.ts';

export const command = defineCommand({
  takes: '[VOLUME]',
  count: [0, 1],
  flags: {
    driver: textFlag('driver', 'Specify volume driver name (default "local")', {
      short: 'd',
      initial: 'local',
    }),
    labels: listFlag('label', 'Set metadata for a volume'),
    options: mapFlag('opt', 'Set driver specific options', { short: 'o' }),
  },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const json = {
      Name: operands[0] ?? '',
      Driver: flags.driver,
      DriverOpts: flags.options,
      Labels: recordOf(flags.labels),
    };
    const { Name } = await engine.json<{ Name: string }>('POST', '/volumes/create', { json });
    await context.print(`${Name}\n`);
  },
});
