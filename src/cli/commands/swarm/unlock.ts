import { createInterface } from 'node:readline/promises';
import { defineCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../failure.ts';
import { swarmInfo } from '../../swarm/nodes.ts';
import { ask } from '../../terminal/ask.ts';

/** From standard input; at a terminal it is asked for. */
async function readKey(context: Context): Promise<string> {
  const { stdin } = context;
  if (stdin.isTTY) return (await ask(context, 'Enter unlock key: ', { hidden: true })).trim();
  const lines = createInterface({ input: stdin });
  for await (const line of lines) return line.trim();
  return '';
}

export const command = defineCommand({
  flags: {},
  async run({ context }) {
    const engine = await context.engine();
    const { LocalNodeState: state } = await swarmInfo(engine);
    if (state === 'inactive') throw new CliError('Error: This node is not part of a swarm');
    if (state !== 'locked') throw new CliError('Error: swarm is not locked');
    const json = { UnlockKey: await readKey(context) };
    await engine.text('POST', '/swarm/unlock', { json });
  },
});
