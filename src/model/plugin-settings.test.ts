import { describe, expect, test } from 'vitest';
import { type ManagedPlugin, type PluginConfig, settingsOf } from './plugin.ts';
import { upgradedSettings, withPluginSettings } from './plugin-settings.ts';

const config: PluginConfig = {
  Args: { Description: '', Name: 'args', Settable: ['value'], Value: ['a', 'b'] },
  ...{ Description: '', Documentation: '', Entrypoint: ['/plugin'] },
  Env: [
    { Description: '', Name: 'GREETING', Settable: ['value'], Value: 'hello' },
    { Description: '', Name: 'UNSET', Settable: ['value'], Value: null },
    { Description: '', Name: 'FIXED', Settable: null, Value: '1' },
    { Description: '', Name: 'TWO', Settable: ['value', 'description'], Value: '1' },
  ],
  Interface: { Socket: 'x.sock', Types: ['docker.volumedriver/1.0'] },
  ...{ IpcHost: false, PidHost: false, PropagatedMount: '', User: {}, WorkDir: '' },
  Linux: {
    AllowAllDevices: false,
    Capabilities: null,
    Devices: [{ Description: '', Name: 'fuse', Path: '/dev/fuse', Settable: ['path'] }],
  },
  Mounts: [
    {
      ...{ Description: '', Destination: '/state', Name: 'state', Options: ['rbind'], Type: 'bind' },
      ...{ Settable: ['source'], Source: '/var/a' },
    },
  ],
  Network: { Type: '' },
};

const plugin: ManagedPlugin = {
  ...{ id: 'a', name: 'me/vol:latest', reference: 'me/vol:latest', enabled: false, file: '' },
  ...{ config, settings: settingsOf(config), layers: [], root: 'a' },
};

const set = (...settings: string[]): ManagedPlugin => withPluginSettings(plugin, settings);

test('settings begin as the image has them', () => {
  expect(plugin.settings).toMatchObject({ Args: ['a', 'b'], Env: ['GREETING=hello', 'FIXED=1', 'TWO=1'] });
});

describe('what is set', () => {
  test.each([
    ['GREETING=x', ['GREETING=x', 'FIXED=1', 'TWO=1']],
    ['GREETING.value=a=b', ['GREETING=a=b', 'FIXED=1', 'TWO=1']],
    ['GREETING', ['GREETING=', 'FIXED=1', 'TWO=1']],
    ['UNSET=x', ['GREETING=hello', 'FIXED=1', 'TWO=1', 'UNSET=x']],
    ['TWO.value=2', ['GREETING=hello', 'FIXED=1', 'TWO=2']],
  ])('%s in the environment', (setting, env) => {
    expect(set(setting).settings.Env).toEqual(env);
  });

  test('arguments, the source of a mount, the path of a device', () => {
    const { settings, config: shown } = set('args=c d', 'state=/x', 'fuse.path=/dev/null');
    expect(settings.Args).toEqual(['c', 'd']);
    expect([settings.Mounts[0]?.Source, shown.Mounts?.[0]?.Source]).toEqual(['/x', '/x']);
    expect([settings.Devices[0]?.Path, shown.Linux.Devices?.[0]?.Path]).toEqual(['/dev/null', '/dev/null']);
  });
});

test.each([
  ['=x', 'invalid format, must be <name>[.<field>][=<value>]'],
  ['FIXED=2', '"FIXED" is not settable'],
  ['GREETING.foo=z', '"GREETING.foo" is not settable'],
  ['TWO=2', 'multiple fields are settable, one must be specified'],
  ['nosuch=1', 'setting "nosuch" not found in the plugin configuration'],
])('%s is refused as in Docker', (setting, why) => {
  expect(() => set('GREETING=x', setting)).toThrow(why);
});

test('nothing is set while the plugin is enabled', () => {
  expect(() => withPluginSettings({ ...plugin, enabled: true }, ['GREETING=x'])).toThrow(
    'cannot set on an active plugin, disable plugin before setting',
  );
});

test('an upgrade keeps what was set, where the new image has it and lets it be set', () => {
  const mine = set('GREETING=x', 'state=/mine', 'args=c', 'TWO.value=2');
  const after: PluginConfig = {
    ...config,
    Env: [
      { Description: '', Name: 'GREETING', Settable: ['value'], Value: 'hi' },
      { Description: '', Name: 'TWO', Settable: null, Value: '1' },
      { Description: '', Name: 'NEW', Settable: null, Value: 'n' },
    ],
  };
  const { settings } = upgradedSettings(mine, { before: config, after });
  expect(settings).toMatchObject({ Env: ['GREETING=x', 'TWO=1', 'NEW=n'], Args: ['c'] });
  expect(settings.Mounts[0]?.Source).toBe('/mine');
});
