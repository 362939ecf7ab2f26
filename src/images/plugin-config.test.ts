import { expect, test } from 'vitest';
import { encodePluginConfig, parsePluginConfig } from './plugin-config.ts';

const parse = (value: unknown) => parsePluginConfig(Buffer.from(JSON.stringify(value)));

test('what is not said is as Go has it', () => {
  expect(encodePluginConfig(parse({}))).toBe(
    `${JSON.stringify({
      Args: { Description: '', Name: '', Settable: null, Value: null },
      ...{ Description: '', Documentation: '', Entrypoint: null, Env: null },
      Interface: { Socket: '', Types: null },
      IpcHost: false,
      Linux: { AllowAllDevices: false, Capabilities: null, Devices: null },
      ...{ Mounts: null, Network: { Type: '' }, PidHost: false, PropagatedMount: '', User: {}, WorkDir: '' },
    })}\n`,
  );
});

test('names of fields are in any case, what nobody knows is left out, and null is nothing', () => {
  const config = parse({
    ...{ propagatedMount: '/data', nonsense: 1, env: [{ name: 'A', value: null }], mounts: null },
    user: { uid: 7 },
    interface: { socket: 'x.sock', types: ['docker.volumedriver/1.0'] },
  });
  expect(config).toMatchObject({ PropagatedMount: '/data', Mounts: null, User: { UID: 7 } });
  expect(config.Env).toEqual([{ Description: '', Name: 'A', Settable: null, Value: null }]);
  expect(config.Interface).toEqual({ Socket: 'x.sock', Types: ['docker.volumedriver/1.0'] });
  expect(config).not.toHaveProperty('nonsense');
});

test('values of other types are refused in the words of Go', () => {
  expect(() => parse({ entrypoint: 5 })).toThrow(
    'failed to parse config: json: cannot unmarshal number into Go struct field PluginConfig.Entrypoint of type []string',
  );
  expect(() => parsePluginConfig(Buffer.from('{'))).toThrow('failed to parse config: ');
});
