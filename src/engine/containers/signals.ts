/** Signal names and numbers of `docker kill` and `--stop-signal`. */
import { constants } from 'node:os';
import { fail } from '../../errors.ts';

/** `KILL`, `SIGKILL`, `9`, `RTMIN+3`. Throws in Docker's words. */
export function signalNumber(asked: string): number {
  const text = asked.trim().toUpperCase();
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 64) return Number(text);
  const name = text.startsWith('SIG') ? text : `SIG${text}`;
  const known: Readonly<Record<string, number>> = { ...constants.signals };
  const found = known[name] ?? realTime(name);
  if (found === undefined) throw fail('BAD_REQUEST', `invalid signal: ${asked}`);
  return found;
}

/** SIGRTMIN is 34 in the C library (signal(7)). */
function realTime(name: string): number | undefined {
  const [, end, sign = '+', steps = '0'] = /^SIGRT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name) ?? [];
  if (!end) return undefined;
  const number = (end === 'MIN' ? 34 : 64) + Number(`${sign}${steps}`);
  return number >= 34 && number <= 64 ? number : undefined;
}
