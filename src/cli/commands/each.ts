/** Runs an action on many objects: prints results, reports failures, and continues. */

import { ConnectionError } from '#client/errors.ts';
import { messageOf } from '../../errors.ts';
import type { Context } from '../context.ts';

/** Resolves to a line to print, or to nothing. */
type Work = (name: string, place: number) => Promise<string | undefined>;

/** One after the other. The status is 1 when any failed. */
export async function forEach(context: Context, names: readonly string[], work: Work): Promise<number> {
  let failed = false;
  for (const [place, name] of names.entries()) {
    try {
      const line = await work(name, place);
      if (line !== undefined) await context.print(`${line}\n`);
    } catch (thrown) {
      if (thrown instanceof ConnectionError) throw thrown;
      failed = true;
      context.complain(messageOf(thrown));
    }
  }
  return failed ? 1 : 0;
}

/** Runs all at once, as docker's stop, kill and the like; the output keeps the order of names. */
export function forAll(context: Context, names: readonly string[], work: Work): Promise<number> {
  const started = names.map((name, place) => {
    const result = work(name, place);
    // It is awaited in its turn; until then a failure is not an unhandled one.
    result.catch(() => {});
    return result;
  });
  return forEach(context, names, async (_name, place) => started[place]);
}
