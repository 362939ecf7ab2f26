import { expect, test } from 'vitest';
import type { ManagedPlugin } from '../../model/plugin.ts';
import { findPlugin, nameForCreate, nameForPull, remoteOf } from './lookup.ts';

const plugin = (id: string, name: string): ManagedPlugin => ({ id, name }) as unknown as ManagedPlugin;
const long = (start: string): string => start.padEnd(64, '0');
const all = [plugin(long('abc1'), 'me/vol:latest'), plugin(long('abc2'), '127.0.0.1:5000/net:1')];

test.each([
  ['me/vol', 'me/vol:latest'],
  ['me/vol:latest', 'me/vol:latest'],
  ['docker.io/me/vol', 'me/vol:latest'],
  ['127.0.0.1:5000/net:1', '127.0.0.1:5000/net:1'],
  ['abc1', 'me/vol:latest'],
  [long('abc2'), '127.0.0.1:5000/net:1'],
])('%s means %s', (asked, name) => {
  expect(findPlugin(all, asked).name).toBe(name);
});

test.each([
  ['abc', 'multiple plugins found for "abc"'],
  ['127.0.0.1:5000/net', 'plugin "127.0.0.1:5000/net" not found'],
  ['UPPER', 'plugin "UPPER" not found'],
  ['', 'plugin "" not found'],
])('%j means none: %s', (asked, why) => {
  expect(() => findPlugin(all, asked)).toThrow(why);
});

test('a plugin is named as its image, with a tag', () => {
  expect(nameForCreate('docker.io/me/vol')).toBe('me/vol:latest');
  expect(() => nameForCreate('UP')).toThrow(
    'failed to parse reference UP: invalid reference format: repository name (library/UP) must be lowercase',
  );
  const digest = `sha256:${'a'.repeat(64)}`;
  expect(() => nameForCreate(`a@${digest}`)).toThrow('canonical references are not permitted');
  expect(nameForPull('', remoteOf(`me/vol:2@${digest}`))).toBe('me/vol:2');
  expect(nameForPull('', remoteOf('me/vol'))).toBe('me/vol:latest');
  expect(nameForPull('mine', remoteOf('me/vol:2'))).toBe('mine:latest');
});
