/** Questions at the terminal. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Context } from '../context.ts';

/** A line that the user types; hidden input is not shown. */
export async function ask(context: Context, question: string, { hidden = false } = {}): Promise<string> {
  if (hidden) await context.print(question);
  const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : context.stdout;
  const lines = createInterface({ input: context.stdin, output, terminal: true });
  try {
    return await lines.question(hidden ? '' : question);
  } finally {
    lines.close();
    if (hidden) await context.print('\n');
  }
}
