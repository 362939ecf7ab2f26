import { describe, expect, it } from 'vitest';
import { functionNames, templateFunctions } from './functions.ts';
import { GoMap, type Value } from './values.ts';

const call = (name: string, ...args: readonly Value[]): Value => {
  const known = templateFunctions[name];
  if (!known) throw new Error(`no function ${name}`);
  return known(...args);
};

const labels = new GoMap([['a', '1']], '');

describe('a function of templates', () => {
  const cases: [string, Value[], Value][] = [
    ['len', ['äb'], 3],
    ['len', [[1, 2]], 2],
    ['len', [labels], 1],
    ['len', [null], 0],
    ['index', [['a', 'b'], 1], 'b'],
    ['index', [['a', 'b'], 1n], 'b'],
    ['index', [[['a'], ['b']], 1, 0], 'b'],
    ['index', [labels, 'a'], '1'],
    ['index', [labels, 'none'], ''],
    ['index', [new Map([['a', 1]]), 'none'], undefined],
    ['index', [{ Name: 'x' }, 'Name'], 'x'],
    ['index', ['AB', 1], 66],
    ['index', [['a']], ['a']],
    ['slice', ['abcdef', 1, 3], 'bc'],
    ['slice', ['abcdef', 4], 'ef'],
    ['slice', ['abc'], 'abc'],
    ['slice', [[1, 2, 3], 0, 2], [1, 2]],
    ['slice', ['abc', 3, 3], ''],
    ['print', ['a', 1, 2, 'b'], 'a1 2b'],
    ['println', ['a', 1], 'a 1\n'],
    ['println', [], '\n'],
    ['not', [''], true],
    ['not', [0n], true],
    ['not', [{}], false],
    ['not', [[]], true],
    ['eq', [1, 2, 1], true],
    ['eq', [1, 1n], true],
    ['eq', ['a', 'b'], false],
    ['eq', [null, undefined], true],
    ['eq', ['a', null], false],
    ['ne', ['a', 'b'], true],
    ['lt', [1, 2], true],
    ['lt', [2, 2], false],
    ['le', [2, 2n], true],
    ['gt', ['b', 'a'], true],
    ['gt', ['a', 'a'], false],
    ['ge', ['a', 'a'], true],
    ['ge', ['a', 'b'], false],
    ['html', [`<a href="x">'&'</a>`], '&lt;a href=&#34;x&#34;&gt;&#39;&amp;&#39;&lt;/a&gt;'],
    ['urlquery', ['a b&c/d=ä'], 'a+b%26c%2Fd%3D%C3%A4'],
    ['urlquery', [`-_.~!*'()+`], '-_.~%21%2A%27%28%29%2B'],
    ['js', [`it's "so"`], `it\\'s \\"so\\"`],
    ['json', ['<&>'], '"<&>"'],
    ['split', ['a,b,c', ','], ['a', 'b', 'c']],
    ['split', ['äb', ''], ['ä', 'b']],
    ['join', [['a', 'b'], '-'], 'a-b'],
    ['join', [[], '-'], ''],
    ['title', ["hello big-world it's 2nd_try"], "Hello Big-World It'S 2nd_try"],
    ['lower', ['ÄB'], 'äb'],
    ['upper', ['äb'], 'ÄB'],
    ['pad', ['x', 1, 2], ' x  '],
    ['pad', ['', 1, 2], ''],
    ['truncate', ['äbc', 2], 'äb'],
    ['truncate', ['ab', 5], 'ab'],
  ];
  it.each(cases)('%s of %o is %o', (name, args, expected) => {
    expect(call(name, ...args)).toEqual(expected);
  });

  const refusals: [string, Value[], string][] = [
    ['len', [5], 'len of type int'],
    ['index', [['a'], 1], 'slice index out of range'],
    ['index', [['a'], -1], 'slice index out of range'],
    ['index', [['a'], 'x'], 'cannot index slice/array with type string'],
    ['index', [labels, 1], 'expected string; got int'],
    ['index', [null, 1], 'index of untyped nil'],
    ['index', [5, 1], "can't index item of type int"],
    ['slice', ['abc', 4], 'index out of range: 4'],
    ['slice', ['abc', 0, 4], 'index out of range: 4'],
    ['slice', ['abc', 2, 1], 'index out of range: 2'],
    ['slice', [5], "can't slice item of type int"],
    ['eq', [1], 'missing argument for comparison'],
    ['eq', [1, 'a'], 'incompatible types for comparison'],
    ['eq', [[1], [1]], 'non-comparable type'],
    ['lt', [1, 'a'], 'incompatible types for comparison'],
    ['lt', [true, false], 'incompatible types for comparison'],
    ['join', ['a', ','], 'expected []string; got string'],
    ['upper', [5], 'expected string; got int'],
  ];
  it.each(refusals)('%s of %o is refused: %s', (name, args, message) => {
    expect(() => call(name, ...args)).toThrow(message);
  });

  it('is known by name, those that the evaluator has itself too', () => {
    expect(['and', 'or', 'call', 'printf', 'json'].filter((name) => !functionNames.has(name))).toEqual([]);
    expect(functionNames.has('toString')).toBe(false);
  });
});
