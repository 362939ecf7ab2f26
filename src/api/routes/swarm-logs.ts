/** Logs of services and tasks. Wrong parameters have status 500, as Docker answers them here. */
import type { SwarmLogOptions } from '../../engine/swarm-verbs.ts';
import { fail, messageOf } from '../../errors.ts';
import { mediaType } from '../hijack/route.ts';
import type { Answer, Call } from '../route.ts';
import { goneWith, sendStream, withReason } from '../streaming.ts';
import { parseLimit } from '../timestamps.ts';

function tailOf(text: string): number | undefined {
  if (text === '' || text === 'all') return undefined;
  if (/^[0-9]+$/.test(text)) return Number(text);
  throw fail('SWARM_FAILED', 'tail value must be a positive integer or "all"');
}

function sinceOf(text: string): bigint | undefined {
  try {
    return parseLimit(text);
  } catch (error) {
    throw fail('SWARM_FAILED', `could not parse since timestamp: ${messageOf(error)}`);
  }
}

export function swarmLogs(
  { query, response, version, log }: Call,
  source: {
    readonly tty: boolean;
    readonly read: (options: SwarmLogOptions) => AsyncIterable<Uint8Array>;
  },
): Promise<Answer> {
  const [stdout, stderr] = [query.flag('stdout'), query.flag('stderr')];
  if (!stdout && !stderr) throw fail('SWARM_FAILED', 'Bad parameters: you must choose at least one stream');
  const tail = tailOf(query.text('tail'));
  const since = sinceOf(query.text('since'));
  const lines = source.read({
    ...{ stdout, stderr },
    timestamps: query.flag('timestamps'),
    follow: query.flag('follow'),
    details: query.flag('details'),
    gone: goneWith(response),
    ...(tail !== undefined && { tail }),
    ...(since !== undefined && { since }),
  });
  const { tty } = source;
  return sendStream(response, withReason(lines, { tty, stream: 3 }), {
    contentType: mediaType(version, tty),
    log,
  });
}
