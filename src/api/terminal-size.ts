/** `h` and `w` of the resize routes, in characters. */
import { fail } from '../errors.ts';
import type { Query } from './query.ts';

/** Go's uint32. Throws BAD_REQUEST in Docker's words. */
function dimension(name: 'height' | 'width', text: string): number {
  const refuse = (why: string): Error =>
    fail('BAD_REQUEST', `invalid resize ${name} ${JSON.stringify(text)}: ${why}`);
  if (!/^[+-]?[0-9]+$/.test(text)) throw refuse('invalid syntax');
  const value = Number(text);
  if (value < 0 || value > 0xffffffff) throw refuse('value out of range');
  return value;
}

/** Both must be given. */
export function terminalSize(query: Query): { readonly rows: number; readonly columns: number } {
  return { rows: dimension('height', query.text('h')), columns: dimension('width', query.text('w')) };
}
