import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { switchFlag } from '../../flags/flag.ts';
import { type CopyFlags, copyFromContainer, copyToContainer } from '../copying.ts';

/** `container:path` in its parts; a path alone is local. */
export function splitPath(text: string): { readonly container: string; readonly path: string } {
  const at = text.indexOf(':');
  if (text.startsWith('/') || text.startsWith('.') || at < 0) return { container: '', path: text };
  return { container: text.slice(0, at), path: text.slice(at + 1) };
}

export const command = defineCommand({
  takes: 'CONTAINER:SRC_PATH DEST_PATH|- | SRC_PATH|- CONTAINER:DEST_PATH',
  count: [2, 2],
  flags: {
    archive: switchFlag('archive', 'Archive mode (copy all uid/gid information)', { short: 'a' }),
    followLink: switchFlag('follow-link', 'Always follow symbol link in SRC_PATH', { short: 'L' }),
    quiet: switchFlag(
      'quiet',
      'Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached',
      { short: 'q' },
    ),
  },
  async run({ flags, operands, context }) {
    const [from, to] = operands.map(splitPath);
    if (from === undefined || to === undefined) throw new CliError('source and destination are needed');
    if (from.path === '') throw new CliError('source can not be empty');
    if (to.path === '') throw new CliError('destination can not be empty');
    if (from.container !== '' && to.container !== '')
      throw new CliError('copying between containers is not supported');
    if (from.container === '' && to.container === '')
      throw new CliError('must specify at least one container source');
    const asked: CopyFlags = flags;
    if (from.container !== '')
      await copyFromContainer(context, { container: from.container, from: from.path, to: to.path }, asked);
    else await copyToContainer(context, { container: to.container, from: from.path, to: to.path }, asked);
  },
});
