import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Seaway } from '#client/seaway.ts';
import { int } from '../../../flags/kinds.ts';
import { defineCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../failure.ts';
import { flag, switchFlag, textFlag } from '../../flags/flag.ts';
import { PacketLines, WholeBlocks } from './packets.ts';

export const command = defineCommand({
  takes: 'CONTAINER|NETWORK|PORT[/PROTO]|LINK|host [FILTER...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {
    count: flag('count', int, 0, 'End after so many packets', { short: 'c' }),
    drops: switchFlag('drops', 'Also show packets that the kernel of the host drops, with its reason'),
    numeric: switchFlag('numeric', 'Show addresses, not names', { short: 'n' }),
    snaplen: flag('snaplen', int, 0, 'Bytes of each packet to keep (default all)', { short: 's' }),
    write: textFlag('write', 'Write pcapng to a file, or to standard output by "-"', { short: 'w' }),
  },
  async run({ flags, operands, context }) {
    const [what = '', ...filter] = operands;
    if (flags.write === '-' && context.stdout.isTTY)
      throw new CliError('cowardly refusing to write packets to a terminal: use -w FILE or redirect');
    const seaway = new Seaway(await context.engine());
    const ending = new AbortController();
    const end = (): void => ending.abort();
    process.once('SIGINT', end).once('SIGTERM', end);
    const { drops, snaplen, count } = flags;
    const body = await seaway.capture(what, {
      filter: filter.join(' '),
      drops,
      snaplen,
      signal: ending.signal,
    });
    const more = { count, end };
    const whole = new WholeBlocks(more);
    const lines = new PacketLines({ ...more, numeric: flags.numeric });
    try {
      if (flags.write === '') await pipeline(body, lines, context.stdout, { end: false });
      else await pipeline(body, whole, sinkOf(context, flags.write));
    } catch (thrown) {
      if (!ending.signal.aborted) throw thrown;
    }
    const { packets, dropped } = flags.write === '' ? lines : whole;
    context.complain(
      `${packets} packets${dropped > 0 ? `, ${dropped} dropped, since they were read too slowly` : ''}`,
    );
  },
});

const sinkOf = (context: Context, path: string): NodeJS.WritableStream =>
  path === '-' ? context.stdout : createWriteStream(path, { mode: 0o600 });
