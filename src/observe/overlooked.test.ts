import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { watchOverlooked } from './overlooked.ts';

it('errors that nobody handled are logged with their stack, and counted', () => {
  const process = new EventEmitter();
  const logged: unknown[] = [];
  const overlooked = watchOverlooked(process, {
    error: (_message, fields) => void logged.push(fields?.error),
  });
  expect(overlooked).toEqual({ count: 0, last: '' });
  process.emit('uncaughtException', new Error('too late'));
  process.emit('unhandledRejection', 'no error at all');
  expect(overlooked).toEqual({ count: 2, last: 'no error at all' });
  expect(logged[0]).toMatch(/^Error: too late\n +at /);
  expect(logged[1]).toBe('no error at all');
});
