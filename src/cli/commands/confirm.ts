/** Asking before something is lost. */
import { createInterface } from 'node:readline/promises';
import { humanSize } from '../../go/size.ts';
import type { Context } from '../context.ts';

export const confirm = (context: Context, warning: string): Promise<boolean> =>
  ask(context, `${warning}\nAre you sure you want to continue?`);

/** True for `y` or `Y`; anything else, or no more input, is a no. */
export async function ask(context: Context, question: string): Promise<boolean> {
  await context.print(`${question} [y/N] `);
  const lines = createInterface({ input: context.stdin });
  try {
    for await (const line of lines) return line.trim().toLowerCase() === 'y';
    return false;
  } finally {
    lines.close();
  }
}

/** `Total reclaimed space: 0B` */
export const reclaimed = (bytes: number): string => `Total reclaimed space: ${humanSize(bytes)}\n`;
