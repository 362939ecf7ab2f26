import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDetachFilter } from './detach-keys.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

/** What passes of chunks typed one after another; `!` where the keys were completed. */
function typed(keys: string, ...chunks: string[]): string {
  const filter = createDetachFilter(bytes(keys));
  let out = '';
  for (const chunk of chunks) {
    const { pass, detached } = filter.feed(bytes(chunk));
    out += Buffer.from(pass).toString('latin1');
    if (detached) return `${out}!`;
  }
  return out;
}

describe('the detach keys', () => {
  it.each([
    ['pq', ['ls', 'pq', 'more'], 'ls!'],
    ['pq', ['ls', 'p', 'q'], 'ls!'],
    ['pq', ['p', 'x'], 'px'],
    ['pq', ['p', 'p', 'q'], 'p!'],
    ['pq', ['p'], ''],
    ['aab', ['aaab'], 'a!'],
    ['aab', ['aa', 'c'], 'aac'],
    ['abac', ['ababac'], 'ab!'],
    ['', ['pq'], 'pq'],
  ])('%s in %j passes %s', (keys, chunks, expected) => {
    expect(typed(keys, ...chunks)).toBe(expected);
  });

  it('are found wherever they are, however the input is cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 });
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 }),
        fc.array(text),
        (keys, chunks) => {
          const whole = chunks.join('');
          const at = whole.indexOf(keys);
          const result = typed(keys, ...chunks);
          if (at >= 0) expect(result).toBe(`${whole.slice(0, at)}!`);
          else expect(whole.startsWith(result) && keys.startsWith(whole.slice(result.length))).toBe(true);
        },
      ),
    );
  });
});
