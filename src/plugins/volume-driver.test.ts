import { expect, test } from 'vitest';
import { fail } from '../errors.ts';
import type { PluginClient } from './plugin.ts';
import type { Plugins } from './plugins.ts';
import { volumeDrivers } from './volume-driver.ts';

const client = (name: string, answer: () => unknown): PluginClient => ({
  name,
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
