import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { switchFlag } from '../../flags/flag.ts';
import { imagePath, registryOf, withTag } from '../../words/reference.ts';
import { noCredentials, registryAuth } from '../credentials.ts';
import { showProgress } from '../progress.ts';

export const command = defineCommand({
  takes: 'PLUGIN[:TAG]',
  count: [1, 1],
  flags: { contentTrust: switchFlag('disable-content-trust', 'Skip image signing', { hidden: true }) },
  async run({ operands, context }) {
    const name = operands[0] ?? '';
    if (name.includes('@')) throw new CliError(`invalid name: ${name}`);
    const engine = await context.engine();
    const auth = (await registryAuth(context, registryOf(name))) ?? noCredentials;
    const answer = await engine.open('POST', `/plugins/${imagePath(withTag(name))}/push`, {
      headers: { 'X-Registry-Auth': auth },
    });
    await showProgress(context, answer);
  },
});
