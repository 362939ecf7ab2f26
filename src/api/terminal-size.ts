/** Sizes of terminals, in characters: `h` and `w` of the resize routes, `ConsoleSize` of execs. */
import { fail } from '../errors.ts';
import type { Query } from './query.ts';
import type { Minor } from './version.ts';

interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** `ConsoleSize` of an exec, rows first. Undefined where none is asked for; before API 1.42 the field does not exist. */
export function consoleSize(asked: readonly number[] | null | undefined, version: Minor): Size | undefined {
  const [rows = 0, columns = 0] = asked ?? [];
  return version < 42 || rows === 0 || columns === 0 ? undefined : { rows, columns };
}

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
export function terminalSize(query: Query): Size {
  return { rows: dimension('height', query.text('h')), columns: dimension('width', query.text('w')) };
}
