import { expect, test, vi } from 'vitest';
import { fail } from '../errors.ts';
import type { PluginClient } from './plugin.ts';
import type { Plugins } from './plugins.ts';
import { volumeDriver, volumeDrivers } from './volume-driver.ts';

const client = (name: string, answer: () => unknown): PluginClient => ({
  name,
  activation: {},
  hostPath: (path) => path,
  call: async () => answer() as never,
});

test('a plugin that the engine starts again just now keeps no volumes of others from being listed', async () => {
  const away = fail('PLUGIN_AWAY', 'Post "x"', 'dial unix /x: connect: connection refused');
  const found = [
    client('here', () => ({ Capabilities: { Scope: 'global' } })),
    client('away', () => {
      throw away;
    }),
  ];
  const plugins = { all: async () => ({ found, failed: [] }) } as unknown as Plugins;
  const drivers = await volumeDrivers(plugins);
  expect(drivers.found.map(({ name, scope }) => `${name} ${scope}`)).toEqual(['here global']);
  expect(drivers.failed).toEqual([{ name: 'away', error: away }]);
});

test('a plugin that could not tell its scope is asked again', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  let scope = (): unknown => {
    throw fail('PLUGIN_SLOW', 'Post "x"');
  };
  const plugin = client('slow', () => scope());
  const plugins = { find: async () => plugin } as unknown as Plugins;
  expect((await volumeDriver(plugins, 'slow')).scope).toBe('local');
  scope = () => ({ Capabilities: { Scope: 'global' } });
  // not at once: each caller would wait for one that hangs
  expect((await volumeDriver(plugins, 'slow')).scope).toBe('local');
  vi.advanceTimersByTime(31_000);
  expect((await volumeDriver(plugins, 'slow')).scope).toBe('global');
  vi.useRealTimers();
});

test('a plugin that was started again may have another scope', async () => {
  let scope = 'local';
  let activation = {};
  const plugin = { ...client('new', () => ({ Capabilities: { Scope: scope } })) };
  const plugins = { find: async () => ({ ...plugin, activation }) } as unknown as Plugins;
  expect((await volumeDriver(plugins, 'new')).scope).toBe('local');
  scope = 'global';
  expect((await volumeDriver(plugins, 'new')).scope).toBe('local');
  activation = {};
  expect((await volumeDriver(plugins, 'new')).scope).toBe('global');
});
