import { defineCommand } from '../command.ts';
import { registryAddress } from '../words/reference.ts';
import { dropCredentials } from './credentials.ts';

export const command = defineCommand({
  takes: '[SERVER]',
  count: [0, 1],
  flags: {},
  async run({ operands, context }) {
    const registry = registryAddress(operands[0] ?? '');
    const known = await dropCredentials(context, registry);
    await context.print(`${known ? 'Removing login credentials for' : 'Not logged in to'} ${registry}\n`);
  },
});
