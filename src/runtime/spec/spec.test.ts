import { describe, expect, it, test } from 'vitest';
import { container } from '../../../test/kernel/container-sample.ts';
import type { Container, MountPoint } from '../../model/container.ts';
import type { StartSpec } from '../runtime.ts';
import { capabilityNames } from './capabilities.ts';
import type { HostFacts, StartFacts } from './facts.ts';
import type { OciSpec } from './oci.ts';
import { buildSpec } from './spec.ts';

const facts: HostFacts = {
  architecture: 'amd64',
  kernel: { major: 6, minor: 1 },
  cgroupVersion: 1,
  controllers: ['memory', 'cpu', 'cpuset', 'pids', 'blkio', 'freezer', 'devices'],
  swapLimit: true,
  swappiness: true,
  blkioWeight: true,
  capabilities: capabilityNames,
  apparmor: false,
  seccomp: true,
  oomScoreAdjFloor: -1000,
  hardLimits: {},
  init: '/usr/bin/docker-init',
};

const own: StartFacts = { user: { uid: 0, gid: 0 }, devices: [], shm: '', cgroupsPath: '/seaway/id' };

interface Change {
  readonly config?: Partial<Container['config']>;
  readonly host?: Partial<Container['hostConfig']>;
  readonly mounts?: readonly MountPoint[];
  readonly start?: Partial<StartSpec>;
  readonly facts?: Partial<HostFacts>;
  readonly own?: Partial<StartFacts>;
}

function build(change: Change = {}): OciSpec {
  const changed: Container = {
    ...container,
    config: { ...container.config, Cmd: ['sh'], ...change.config },
    hostConfig: { ...container.hostConfig, ...change.host },
    mounts: change.mounts ?? [],
  };
  const start: StartSpec = {
    container: changed,
    image: {},
    rootfs: '/root/fs',
    netns: '/run/netns/x',
    files: { hosts: '/f/hosts', hostname: '/f/hostname', resolvConf: '/f/resolv.conf' },
    env: ['PATH=/bin'],
    join: { pid: 0, ipc: 0, uts: 0 },
    ...change.start,
  };
  return buildSpec(start, { ...facts, ...change.facts }, { ...own, ...change.own });
}

const mountAt = (spec: OciSpec, destination: string): string => {
  const found = spec.mounts.filter((m) => m.destination === destination);
  return found.map((m) => `${m.type} ${m.source} ${m.options.join()}`).join('\n');
};

const point: MountPoint = {
  type: 'bind',
  name: '',
  source: '/host/data',
  destination: '/data',
  driver: '',
  mode: '',
  readWrite: true,
  propagation: '',
  options: '',
  nonRecursive: false,
  copyUp: false,
};

describe('the specification of a plain container', () => {
  it('is byte for byte the same for the same input', () => {
    expect(JSON.stringify(build())).toBe(JSON.stringify(build()));
  });

  it('has namespaces of its own, but not of cgroups on version 1', () => {
    const types = (spec: OciSpec): string =>
      spec.linux.namespaces.map((n) => n.type + (n.path ?? '')).join(' ');
    expect(types(build())).toBe('mount network/run/netns/x uts ipc pid');
    expect(types(build({ facts: { cgroupVersion: 2 } }))).toContain(' cgroup');
    expect(types(build({ start: { netns: '' } }))).toBe('mount uts ipc pid');
    expect(types(build({ host: { PidMode: 'host', IpcMode: 'host', UTSMode: 'host' } }))).toBe(
      'mount network/run/netns/x',
    );
    const host = { PidMode: 'container:x', IpcMode: 'container:y' };
    const join = { pid: 11, ipc: 12, uts: 0 };
    expect(types(build({ host, start: { join } }))).toContain('uts ipc/proc/12/ns/ipc pid/proc/11/ns/pid');
    expect(() => build({ host })).toThrow('failed to join IPC namespace: container y is not running');
  });

  it('has the mounts of Docker, and the three files of the engine', () => {
    const spec = build();
    expect(spec.mounts.map((m) => m.destination)).toEqual([
      '/proc',
      '/dev',
      '/dev/pts',
      '/sys',
      '/sys/fs/cgroup',
      '/dev/mqueue',
      '/dev/shm',
      '/etc/resolv.conf',
      '/etc/hostname',
      '/etc/hosts',
    ]);
    expect(mountAt(spec, '/sys')).toBe('sysfs sysfs nosuid,noexec,nodev,ro');
    expect(mountAt(spec, '/dev/shm')).toBe('tmpfs shm nosuid,noexec,nodev,mode=1777,size=67108864');
    expect(mountAt(spec, '/etc/hosts')).toBe('bind /f/hosts rbind,rprivate');
    expect(mountAt(build({ host: { ReadonlyRootfs: true } }), '/etc/hosts')).toBe(
      'bind /f/hosts rbind,rprivate,ro',
    );
  });

  it('has host name, domain and sysctls', () => {
    const spec = build({
      config: { Domainname: 'example.org' },
      host: { Sysctls: { 'net.core.somaxconn': '9' } },
    });
    expect(spec.hostname).toBe('box');
    expect(spec.linux.sysctl).toEqual({
      'net.ipv4.ping_group_range': '0 2147483647',
      'net.ipv4.ip_unprivileged_port_start': '0',
      'kernel.domainname': 'example.org',
      'net.core.somaxconn': '9',
    });
    const onHost = { host: { Sysctls: { 'net.core.somaxconn': '9' } }, start: { netns: '' } };
    expect(() => build(onHost)).toThrow("sysctl 'net.core.somaxconn' not allowed in host network namespace");
  });
});

test('the rates of block devices stand beside the weight', () => {
  const throttles = { throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1024 }] };
  expect(build({ host: { BlkioWeight: 300 }, own: { throttles } }).linux.resources.blockIO).toEqual({
    weight: 300,
    ...throttles,
  });
});

describe('user mounts', () => {
  it('replace what would be there, and come from the root downwards', () => {
    const spec = build({
      mounts: [
        { ...point, destination: '/a/b' },
        { ...point, destination: '/a' },
        { ...point, destination: '/dev/shm' },
        { ...point, destination: '/etc/hosts' },
      ],
    });
    const order = spec.mounts.map((m) => m.destination);
    expect(order.indexOf('/a')).toBeLessThan(order.indexOf('/a/b'));
    expect(mountAt(spec, '/dev/shm')).toBe('bind /host/data rbind,rprivate');
    expect(mountAt(spec, '/etc/hosts')).toBe('bind /host/data rbind,rprivate');
  });

  it.each([
    [{}, 'bind /host/data rbind,rprivate'],
    [{ readWrite: false }, 'bind /host/data rbind,ro,rro,rprivate'],
    [{ readWrite: false, readOnlyTop: true }, 'bind /host/data rbind,ro,rprivate'],
    [{ readWrite: false, nonRecursive: true }, 'bind /host/data bind,ro,rprivate'],
    [{ type: 'volume' as const }, 'bind /host/data rbind'],
    [{ propagation: 'rslave' }, 'bind /host/data rbind,rslave'],
    [{ type: 'tmpfs' as const, options: 'size=1m,exec' }, 'tmpfs tmpfs nosuid,nodev,size=1m,exec'],
    [{ type: 'tmpfs' as const, readWrite: false }, 'tmpfs tmpfs noexec,nosuid,nodev,ro'],
  ])('%j is %s', (change, expected) => {
    expect(mountAt(build({ mounts: [{ ...point, ...change }] }), '/data')).toBe(expected);
  });

  it('whose submounts must be read-only are so, or keep the container from starting', () => {
    const deep = { ...point, readWrite: false, readOnlyDeep: true };
    expect(mountAt(build({ mounts: [deep] }), '/data')).toBe('bind /host/data rbind,ro,rro,rprivate');
    expect(() => build({ mounts: [{ ...deep, readWrite: true }] })).toThrow(
      'mount options conflict: !ReadOnly && BindOptions.ReadOnlyForceRecursive',
    );
    expect(() => build({ mounts: [{ ...deep, readOnlyTop: true }] })).toThrow(
      'mount options conflict: ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive',
    );
  });

  it('that are shared make the root so too', () => {
    const spec = build({ mounts: [{ ...point, propagation: 'rshared' }] });
    expect(spec.linux.rootfsPropagation).toBe('shared');
  });

  it('of --tmpfs are made', () => {
    expect(mountAt(build({ host: { Tmpfs: { '/run': 'mode=755' } } }), '/run')).toBe(
      'tmpfs tmpfs noexec,nosuid,nodev,mode=755',
    );
  });
});

describe('what is asked', () => {
  it('privileged: everything that the engine has, nothing hidden', () => {
    const capabilities = capabilityNames.filter((name) => name !== 'CAP_SYS_RESOURCE');
    const node = {
      path: '/dev/sda',
      type: 'b' as const,
      major: 8,
      minor: 0,
      fileMode: 0o660,
      uid: 0,
      gid: 6,
    };
    const devices = [{ node, access: 'rwm' }];
    const spec = build({ host: { Privileged: true }, facts: { capabilities }, own: { devices } });
    expect(spec.process.capabilities.bounding).toEqual(capabilities);
    expect(spec.linux).toMatchObject({ maskedPaths: [], readonlyPaths: [], devices: [node] });
    expect(spec.linux.seccomp).toBeUndefined();
    expect(spec.linux.resources.devices).toEqual([{ allow: true, access: 'rwm' }]);
    expect(mountAt(spec, '/sys')).toBe('sysfs sysfs nosuid,noexec,nodev');
  });

  it('security options', () => {
    const spec = build({ host: { SecurityOpt: ['no-new-privileges:true', 'seccomp=unconfined'] } });
    expect(spec.process.noNewPrivileges).toBe(true);
    expect(spec.linux.seccomp).toBeUndefined();
    expect(() => build({ host: { SecurityOpt: ['fly'] } })).toThrow('invalid --security-opt 2: "fly"');
    expect(() => build({ host: { SecurityOpt: ['label=type:x'] } })).toThrow('is not supported by seaway');
  });

  it('limits, as far as the host has them', () => {
    const host = {
      Memory: 1000,
      NanoCpus: 1.5e9,
      PidsLimit: 10,
      CpusetCpus: '0',
      BlkioWeight: 500,
      MemorySwappiness: 3,
    };
    const { devices: _, ...limits } = build({ host }).linux.resources;
    expect(limits).toEqual({
      memory: { limit: 1000, swap: 2000, swappiness: 3 },
      cpu: { quota: 150000, period: 100000, cpus: '0' },
      pids: { limit: 10 },
      blockIO: { weight: 500 },
    });
    const poor = build({ host, facts: { controllers: ['memory'], swapLimit: false, blkioWeight: false } });
    expect(poor.linux.resources).toMatchObject({ memory: { limit: 1000, swappiness: 3 } });
    expect(Object.keys(poor.linux.resources)).toEqual(['memory', 'devices']);
  });

  it('what cannot be granted without CAP_SYS_RESOURCE is left out', () => {
    const host = { OomScoreAdj: -500, Ulimits: [{ Name: 'nofile', Soft: 1000, Hard: 100000 }] };
    const spec = build({ host, facts: { oomScoreAdjFloor: 0, hardLimits: { nofile: 20000 } } });
    expect(spec.process.oomScoreAdj).toBeUndefined();
    expect(spec.process.rlimits).toEqual([{ type: 'RLIMIT_NOFILE', soft: 1000, hard: 20000 }]);
    expect(build({ host }).process).toMatchObject({
      oomScoreAdj: -500,
      rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1000, hard: 100000 }],
    });
  });

  it('an init, where there is one and the processes are its own', () => {
    const spec = build({ host: { Init: true } });
    expect(spec.process.args).toEqual(['/sbin/docker-init', '--', 'sh']);
    expect(mountAt(spec, '/sbin/docker-init')).toBe('bind /usr/bin/docker-init bind,ro,rprivate');
    expect(build({ host: { Init: true, PidMode: 'host' } }).process.args).toEqual(['sh']);
    expect(() => build({ host: { Init: true }, facts: { init: '' } })).toThrow(/docker-init.*not found/);
  });

  it('a command: entrypoint and arguments, the folder, the terminal', () => {
    const spec = build({
      config: { Entrypoint: ['/e'], Cmd: ['a'], WorkingDir: '/w', Tty: true },
      host: { ConsoleSize: [24, 80] },
    });
    expect(spec.process).toMatchObject({
      args: ['/e', 'a'],
      cwd: '/w',
      terminal: true,
      consoleSize: { height: 24, width: 80 },
    });
    expect(() => build({ config: { Cmd: null } })).toThrow('no command specified');
  });

  it('devices, with their rules', () => {
    const node = { path: '/dev/x', type: 'c' as const, major: 42, minor: 7, fileMode: 0o600, uid: 0, gid: 0 };
    const spec = build({
      own: { devices: [{ node, access: 'rw' }] },
      host: { DeviceCgroupRules: ['b 8:* rmw'] },
    });
    expect(spec.linux.devices).toEqual([node]);
    expect(spec.linux.resources.devices?.slice(-2)).toEqual([
      { allow: true, type: 'c', major: 42, minor: 7, access: 'rw' },
      { allow: true, type: 'b', major: 8, access: 'rmw' },
    ]);
    expect(() => build({ host: { DeviceCgroupRules: ['x'] } })).toThrow(
      "invalid device cgroup rule format: 'x'",
    );
  });
});
