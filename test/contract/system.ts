import { describe, expect, it } from 'vitest';
import type { Asking } from './asking.ts';

const infoKeys = [
  ...['Architecture', 'CDISpecDirs', 'CPUSet', 'CPUShares', 'CgroupDriver', 'CgroupVersion'],
  ...['ContainerdCommit', 'Containers', 'ContainersPaused', 'ContainersRunning', 'ContainersStopped'],
  ...['CpuCfsPeriod', 'CpuCfsQuota', 'Debug', 'DefaultAddressPools', 'DefaultRuntime', 'DockerRootDir'],
  ...['Driver', 'DriverStatus', 'ExperimentalBuild', 'FirewallBackend', 'GenericResources', 'HttpProxy'],
  ...['HttpsProxy', 'ID', 'IPv4Forwarding', 'Images', 'IndexServerAddress', 'InitBinary', 'InitCommit'],
  ...['Isolation', 'KernelMemoryTCP', 'KernelVersion', 'Labels', 'LiveRestoreEnabled', 'LoggingDriver'],
  ...['MemTotal', 'MemoryLimit', 'NCPU', 'NEventsListener', 'NFd', 'NGoroutines', 'Name', 'NoProxy'],
  ...['OSType', 'OSVersion', 'OomKillDisable', 'OperatingSystem', 'PidsLimit', 'Plugins', 'RegistryConfig'],
  ...['RuncCommit', 'Runtimes', 'SecurityOptions', 'ServerVersion', 'SwapLimit', 'Swarm', 'SystemTime'],
  'Warnings',
];

export function systemCases(ask: Asking): void {
  describe('the system', () => {
    it('answers', async () => {
      expect(await ask('GET', '/_ping')).toMatchObject({ status: 200, text: 'OK' });
    });

    it('tells its version and what it is made of', async () => {
      const { json } = await ask('GET', '/version');
      expect(json).toMatchObject({ ApiVersion: '1.50', MinAPIVersion: '1.24', Os: 'linux' });
      const { Components: components } = json as { Components: readonly { Name: string; Version: string }[] };
      expect(components.map(({ Name }) => Name)).toEqual(['Engine', 'runc', 'conmon']);
      for (const { Version } of components) expect(Version).toMatch(/^\d+\.\d+/);
    });

    it('tells of itself and the host, with all the fields of the API and no others', async () => {
      const { json } = await ask('GET', '/info');
      expect(Object.keys(json as object).toSorted()).toEqual(infoKeys.toSorted());
      expect(json).toMatchObject({
        OSType: 'linux',
        Driver: 'overlay2',
        RuncCommit: { ID: expect.any(String) },
      });
    });
  });
}
