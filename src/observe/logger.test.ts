import { describe, expect, it } from 'vitest';
import { createLogger, type LogFields, type LogLevel } from './logger.ts';

function lines(level: LogLevel, fields: LogFields = {}): string[] {
  const written: string[] = [];
  const logger = createLogger(level, (line) => void written.push(line));
  logger.debug('one', fields);
  logger.info('two', fields);
  logger.warn('three', fields);
  logger.error('four', fields);
  return written;
}

describe('the log', () => {
  it.each([
    ['debug', ['debug one', 'info two', 'warn three', 'error four']],
    ['info', ['info two', 'warn three', 'error four']],
    ['warn', ['warn three', 'error four']],
    ['error', ['error four']],
    ['fatal', []],
  ] as const)('of level %s has what is as grave or graver', (level, expected) => {
    const said = lines(level).map((line) => line.replace(/^\S+ /, ''));
    expect(said).toEqual(expected.map((line) => `${line}\n`));
  });

  it('begins each line with the time', () => {
    const [time = ''] = lines('error')[0]?.split(' ') ?? [];
    expect(new Date(time).toISOString()).toBe(time);
  });

  it.each([
    [{ id: 'abc' }, 'id=abc'],
    [{ count: 3, done: false }, 'count=3 done=false'],
    [{ why: 'no such file' }, 'why="no such file"'],
    [{ why: 'a"b' }, 'why="a\\"b"'],
    [{ why: 'a=b' }, 'why="a=b"'],
    [{ why: '' }, 'why=""'],
    [{ why: 'two\nlines' }, 'why="two\\nlines"'],
    [{ error: new Error('it broke') }, 'error="it broke"'],
    [{ nothing: undefined }, 'nothing=null'],
    [{ list: [1, 2] }, 'list=[1,2]'],
  ])('prints %o as %s', (fields, expected) => {
    expect(lines('error', fields)[0]).toMatch(/^\S+ error four /);
    expect(lines('error', fields)[0]?.replace(/^\S+ error four /, '')).toBe(`${expected}\n`);
  });
});
