/** `GET /seaway/capture`: packets as a stream of pcapng. */
import { fail } from '../../errors.ts';
import { type Answer, type Call, type Route, route } from '../route.ts';
import { endWithClient, sendStream } from '../streaming.ts';

/** As tcpdump's: longer than any packet. */
const wholePacket = 262_144;

function snaplenOf(text: string): number {
  const number = text === '' ? 0 : Number(text);
  if (!Number.isInteger(number) || number < 0 || number > wholePacket)
    throw fail('BAD_REQUEST', `invalid number of bytes of a packet: ${text}`);
  return number === 0 ? wholePacket : number;
}

async function capture({ engine, query, response, log }: Call): Promise<Answer> {
  const what = query.text('what');
  if (what === '') throw fail('BAD_REQUEST', 'what is to be captured must be given');
  const request = {
    what,
    filter: query.text('filter'),
    snaplen: snaplenOf(query.text('snaplen')),
    drops: query.flag('drops'),
  };
  const packets = engine.capture.open(request);
  endWithClient(response);
  return sendStream(response, packets, { contentType: 'application/x-pcapng', log });
}

export const captureRoutes: readonly Route[] = [
  { ...route('GET', '/seaway/capture', capture), isTelling: true, isUntraced: true },
];
