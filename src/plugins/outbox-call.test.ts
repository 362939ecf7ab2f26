import { expect, test } from 'vitest';
import { fail } from '../errors.ts';
import { askAgain } from './outbox-call.ts';

const call = (plugin: string) =>
  ({ plugin, role: 'VolumeDriver', method: 'VolumeDriver.Unmount', body: {} }) as const;

const without = {
  find: async (name: string): Promise<never> => {
    throw name === 'me/off:1' ? fail('PLUGIN_DISABLED', name) : fail('PLUGIN_NOT_FOUND', name);
  },
};

test('nothing is taken back from a plugin of the engine that was removed', async () => {
  await expect(askAgain(without, call('me/vol:latest'))).resolves.toBeUndefined();
});

test('one that others start, or that is disabled, may come back', async () => {
  await expect(askAgain(without, call('vol'))).rejects.toMatchObject({ code: 'PLUGIN_NOT_FOUND' });
  await expect(askAgain(without, call('me/off:1'))).rejects.toMatchObject({ code: 'PLUGIN_DISABLED' });
});
