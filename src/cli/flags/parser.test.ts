import { describe, expect, it } from 'vitest';
import { filterFlag, intFlag, listFlag, onFlag, switchFlag, textFlag } from './flag.ts';
import { parseWords } from './parser.ts';

const flags = {
  detach: switchFlag('detach', '', { short: 'd' }),
  tty: switchFlag('tty', '', { short: 't' }),
  env: listFlag('env', '', { short: 'e' }),
  filter: filterFlag(''),
  name: textFlag('name', ''),
  network: listFlag('network', '', { also: ['net'] }),
  number: intFlag('last', '', { short: 'n', initial: -1 }),
  proxy: onFlag('sig-proxy', ''),
};
const parse = (line: string, passThrough = false) =>
  parseWords(flags, line.split(' ').filter(Boolean), passThrough);

describe('words', () => {
  it('that are not flags are operands, wherever they stand', () => {
    expect(parse('a -d b --name x c')).toMatchObject({
      operands: ['a', 'b', 'c'],
      values: { detach: true, name: 'x' },
    });
  });

  it('after the first operand belong to the container where flags pass through', () => {
    const parsed = parse('-d busybox ls -t --name x -- y', true);
    expect(parsed.operands).toEqual(['busybox', 'ls', '-t', '--name', 'x', '--', 'y']);
    expect(parsed.values).toMatchObject({ detach: true, tty: false, name: '' });
  });

  it('after two dashes are operands', () => {
    expect(parse('-d -- -t').operands).toEqual(['-t']);
  });
});

describe('flags', () => {
  it('come joined, with values attached or apart', () => {
    expect(parse('-dteA=1 -e B=2 -e=C=3 --env=D --env E').values).toMatchObject({
      detach: true,
      tty: true,
      env: ['A=1', 'B=2', 'C=3', 'D', 'E'],
    });
  });

  it('that are switches take true and false after an equals sign', () => {
    expect(parse('--detach=true --tty=false --sig-proxy=0').values).toMatchObject({
      detach: true,
      tty: false,
      proxy: false,
    });
    expect(parse('-d=false').values).toMatchObject({ detach: false });
  });

  it('take values that look like flags', () => {
    expect(parse('--last -1 -n -5').values).toMatchObject({ number: -5 });
  });

  it('have older names', () => {
    expect(parse('--net a --network b').values).toMatchObject({ network: ['a', 'b'] });
  });

  it('that were given are known from those that were not', () => {
    expect([...parse('-d --name x').given].sort()).toEqual(['detach', 'name']);
  });

  it('of filters collect their values by key', () => {
    expect(parse('-f label=a=1 -f label=b --filter name=x').values.filter).toEqual({
      label: ['a=1', 'b'],
      name: ['x'],
    });
  });

  it('ask for help', () => {
    expect(parse('--help').help).toBe(true);
    expect(parse('a --help').help).toBe(true);
  });
});

describe('mistakes', () => {
  it.each([
    ['--nope', 'unknown flag: --nope'],
    ['--nope=x', 'unknown flag: --nope'],
    ['-Z', "unknown shorthand flag: 'Z' in -Z"],
    ['--name', 'flag needs an argument: --name'],
    ['-e', "flag needs an argument: 'e' in -e"],
    ['--last x', 'invalid argument "x" for "-n, --last" flag: strconv.ParseInt: parsing "x": invalid syntax'],
    [
      '--detach=x',
      'invalid argument "x" for "-d, --detach" flag: strconv.ParseBool: parsing "x": invalid syntax',
    ],
    ['-f x', 'invalid argument "x" for "-f, --filter" flag: bad format of filter (expected name=value)'],
  ])('%s', (line, message) => {
    expect(() => parse(line)).toThrow(message);
  });
});
