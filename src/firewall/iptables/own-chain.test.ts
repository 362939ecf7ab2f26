import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownChainScript } from './own-chain.ts';
import { restored } from './restored.ts';

const script = (wanted: string, observed: string | undefined) =>
  ownChainScript('C', [...wanted], observed === undefined ? undefined : [...observed]);

const commands = (wanted: string, observed: string) => {
  const { declarations, commands } = script(wanted, observed);
  return [...declarations, ...commands];
};

describe('the script for a chain of ours', () => {
  it.each([
    ['abc', 'abc', []],
    ['abcd', 'abc', ['-A C d']],
    ['xabc', 'abc', ['-I C 1 x']],
    ['abxc', 'abc', ['-I C 3 x']],
    ['ac', 'abc', ['-D C 2']],
    ['', 'abc', [':C - [0:0]']],
    ['abde', 'abc', ['-D C 3', '-A C d', '-A C e']],
    ['axbc', 'abcz', ['-D C 4', '-I C 2 x']],
    ['bcx', 'abc', ['-D C 1', '-A C x']],
  ])('makes %s of %s by what differs', (wanted, observed, expected) => {
    expect(commands(wanted, observed)).toEqual(expected);
  });

  it('rewrites the chain where that is shorter, and where it is not there', () => {
    const anew = { declarations: [':C - [0:0]'], commands: ['-A C x', '-A C y'] };
    expect(script('xy', 'abc')).toEqual(anew);
    expect(script('xy', undefined)).toEqual(anew);
    expect(script('', undefined)).toEqual({ declarations: [':C - [0:0]'], commands: [] });
  });

  it('edits as long as that takes no more commands than there are rules', () => {
    expect(commands('ax', 'ab')).toEqual(['-D C 2', '-A C x']);
    expect(commands('ax', 'abc')).toEqual([':C - [0:0]', '-A C a', '-A C x']);
  });

  it('makes any chain of any other', () => {
    const rules = fc.array(fc.constantFrom('-j A', '-j B', '-j C', '-j D'), { maxLength: 8 });
    fc.assert(
      fc.property(rules, rules, (wanted, before) => {
        const { declarations, commands } = ownChainScript('C', wanted, before);
        const there = new Map([['filter', new Map([['C', { policy: '-', rules: [...before] }]])]]);
        const text = ['*filter', ...declarations, ...commands, 'COMMIT', ''].join('\n');
        expect(restored(there, text).get('filter')?.get('C')?.rules).toEqual(wanted);
        expect(commands.length).toBeLessThanOrEqual(Math.max(wanted.length, 0));
      }),
    );
  });
});
