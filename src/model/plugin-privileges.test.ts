import { expect, test } from 'vitest';
import { areGranted, privilegesOf } from './plugin-privileges.ts';

const plain = {
  Args: { Description: '', Name: '', Settable: null, Value: null },
  ...{ Description: '', Documentation: '', Entrypoint: null, Env: null },
  Interface: { Socket: '', Types: null },
  ...{ IpcHost: false, PidHost: false, PropagatedMount: '', User: {}, WorkDir: '', Mounts: null },
  Linux: { AllowAllDevices: false, Capabilities: null, Devices: null },
  Network: { Type: '' },
};
const described = { Description: '', Name: '', Settable: null };
const mount = { ...described, Destination: '/x', Options: null, Type: 'bind' };

test.each(['', 'null', 'bridge'])('the network %j needs no leave', (Type) => {
  expect(privilegesOf({ ...plain, Network: { Type } })).toEqual([]);
});

test('everything beyond a plain plugin is asked for, in the order of Docker', () => {
  const asked = privilegesOf({
    ...plain,
    Network: { Type: 'host' },
    ...{ IpcHost: true, PidHost: true },
    Mounts: [
      { ...mount, Source: '/a' },
      { ...mount, Source: null },
    ],
    Linux: {
      AllowAllDevices: true,
      Capabilities: ['CAP_SYS_ADMIN', 'CAP_NET_ADMIN'],
      Devices: [{ ...described, Path: '/dev/fuse' }],
    },
  });
  expect(asked.map(({ Name, Value }) => `${Name}: ${Value}`)).toEqual([
    'network: host',
    'host ipc namespace: true',
    'host pid namespace: true',
    'mount: /a',
    'device: /dev/fuse',
    'allow-all-devices: true',
    'capabilities: CAP_SYS_ADMIN,CAP_NET_ADMIN',
  ]);
});

test('granted must be all that is asked, and nothing else, in any order', () => {
  const asked = privilegesOf({
    ...plain,
    Network: { Type: 'host' },
    Linux: { AllowAllDevices: false, Capabilities: ['A', 'B'], Devices: null },
  });
  const network = { Name: 'network', Value: ['host'] };
  const capabilities = { Name: 'capabilities', Value: ['B', 'A'] };
  expect(areGranted(asked, [capabilities, network])).toBe(true);
  expect(areGranted(asked, [network])).toBe(false);
  expect(areGranted(asked, [network, { Name: 'capabilities', Value: ['A'] }])).toBe(false);
  expect(areGranted(asked, [network, capabilities, { Name: 'mount', Value: ['/'] }])).toBe(false);
});
