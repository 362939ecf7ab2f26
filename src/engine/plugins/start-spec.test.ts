import { expect, test } from 'vitest';
import { parsePluginConfig } from '../../images/plugin-config.ts';
import { type ManagedPlugin, settingsOf } from '../../model/plugin.ts';
import { startSpecOf } from './start-spec.ts';

const places = { rootfs: '/root', sockets: '/run/x', propagated: '/data/p' };

function plugin(file: object): ManagedPlugin {
  const config = parsePluginConfig(Buffer.from(JSON.stringify(file)));
  return {
    ...{ id: 'a', name: 'me/vol:latest', reference: '', enabled: false, file: '', layers: [], root: 'a' },
    ...{ config, settings: settingsOf(config) },
  };
}

test('a plugin that asks for nothing has its own network and its socket', () => {
  const start = startSpecOf(plugin({ entrypoint: ['/p'] }), places);
  expect(start.extraMounts).toEqual([
    { destination: '/run/docker/plugins', type: 'bind', source: '/run/x', options: ['rbind', 'rshared'] },
  ]);
  expect([start.ownNetwork, start.netns]).toEqual([true, '']);
  expect(start.container.hostConfig).toMatchObject({ PidMode: '', IpcMode: 'private', CapAdd: null });
});

test('a plugin gets what it asks for', () => {
  const start = startSpecOf(
    plugin({
      ...{ entrypoint: ['/p'], workdir: '/w', user: { uid: 5, gid: 6 }, pidhost: true, ipchost: true },
      args: { value: ['x'] },
      env: [{ name: 'A', value: 'b' }],
      network: { type: 'host' },
      propagatedMount: '/data',
      mounts: [{ source: '/a', destination: '/b', type: 'bind', options: ['rbind', 'ro'] }],
      linux: { capabilities: ['CAP_SYS_ADMIN'], allowAllDevices: true, devices: [{ path: '/dev/fuse' }] },
    }),
    places,
  );
  const { config, hostConfig } = start.container;
  expect(config).toMatchObject({ Entrypoint: ['/p'], Cmd: ['x'], User: '5:6', WorkingDir: '/w' });
  expect(hostConfig).toMatchObject({ PidMode: 'host', IpcMode: 'host', CapAdd: ['CAP_SYS_ADMIN'] });
  expect(hostConfig.DeviceCgroupRules).toEqual(['a *:* rwm']);
  expect(hostConfig.Devices?.[0]?.PathOnHost).toBe('/dev/fuse');
  expect(start.env.at(-1)).toBe('A=b');
  expect(start.ownNetwork).toBe(false);
  const mounts = start.extraMounts?.map((mount) => `${mount.source} ${mount.destination} ${mount.options}`);
  expect(mounts).toEqual([
    '/data/p /data rbind,rw,rshared',
    '/a /b rbind,ro',
    '/run/x /run/docker/plugins rbind,rshared',
    '/etc/hosts /etc/hosts rbind,ro',
    '/etc/resolv.conf /etc/resolv.conf rbind,ro',
  ]);
});

test('a mount without a source cannot be made', () => {
  expect(() => startSpecOf(plugin({ mounts: [{ destination: '/b' }] }), places)).toThrow(
    'mount source is not specified',
  );
});
