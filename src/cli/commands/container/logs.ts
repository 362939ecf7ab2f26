import type { ContainerInspect } from '#client/answers.ts';
import { Demultiplexer } from '#client/frames.ts';
import { defineCommand } from '../../command.ts';
import { write } from '../../connect.ts';
import { switchFlag, textFlag } from '../../flags/flag.ts';
import { momentOf } from '../../words/time.ts';

export const command = defineCommand({
  takes: 'CONTAINER',
  count: [1, 1],
  flags: {
    details: switchFlag('details', 'Show extra details provided to logs'),
    follow: switchFlag('follow', 'Follow log output', { short: 'f' }),
    since: textFlag(
      'since',
      'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
    tail: textFlag('tail', 'Number of lines to show from the end of the logs (default "all")', {
      short: 'n',
      initial: 'all',
    }),
    timestamps: switchFlag('timestamps', 'Show timestamps', { short: 't' }),
    until: textFlag(
      'until',
      'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
  },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const { Id: id, Config } = await engine.get<ContainerInspect>(
      `/containers/${encodeURIComponent(operands[0] ?? '')}/json`,
    );
    const query = {
      stdout: true,
      stderr: true,
      follow: flags.follow,
      timestamps: flags.timestamps,
      details: flags.details,
      tail: flags.tail,
      since: momentOf('since', flags.since),
      until: momentOf('until', flags.until),
    };
    const body = await engine.open('GET', `/containers/${id}/logs`, { query });
    // One chunk is written before the next is read: a slow reader slows the engine, not our memory.
    let pending: [NodeJS.WriteStream, Buffer][] = [];
    const frames = new Demultiplexer((stream, payload) =>
      pending.push([stream === 1 ? context.stdout : context.stderr, payload]),
    );
    for await (const chunk of body) {
      if (Config.Tty) pending.push([context.stdout, chunk as Buffer]);
      else frames.push(chunk as Buffer);
      const writing = pending;
      pending = [];
      for (const [to, bytes] of writing) await write(to, bytes);
    }
  },
});
