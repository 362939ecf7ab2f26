/** `HostConfig` of a create request (Docker Engine API 1.50). */
import Type, { type Static } from 'typebox';
import { anything, flag, integer, text, textMap, texts } from './fields.ts';

export const restartPolicy = Type.Object({ Name: text, MaximumRetryCount: integer });

export const portBinding = Type.Object({ HostIp: text, HostPort: text });

export const mount = Type.Object({
  Type: text,
  Source: text,
  Target: text,
  ReadOnly: flag,
  Consistency: text,
  BindOptions: Type.Optional(
    Type.Object({
      Propagation: text,
      NonRecursive: flag,
      CreateMountpoint: flag,
      ReadOnlyNonRecursive: flag,
      ReadOnlyForceRecursive: flag,
    }),
  ),
  VolumeOptions: Type.Optional(
    Type.Object({
      NoCopy: flag,
      Labels: textMap,
      Subpath: text,
      DriverConfig: Type.Optional(Type.Object({ Name: text, Options: textMap })),
    }),
  ),
  TmpfsOptions: Type.Optional(
    Type.Object({
      SizeBytes: integer,
      Mode: integer,
      Options: Type.Optional(Type.Array(Type.Array(Type.String()))),
    }),
  ),
});

const device = Type.Object({ PathOnHost: text, PathInContainer: text, CgroupPermissions: text });
const rates = Type.Optional(Type.Array(Type.Object({ Path: text, Rate: integer })));
export const ulimit = Type.Object({ Name: text, Soft: integer, Hard: integer });

/** Limits that Windows has, or that no kernel we run on has any more: refused when they carry a value. */
const refused = {
  BlkioWeightDevice: anything,
  DeviceRequests: anything,
  KernelMemory: anything,
  KernelMemoryTCP: anything,
  CpuCount: anything,
  CpuPercent: anything,
  IOMaximumIOps: anything,
  IOMaximumBandwidth: anything,
};

export const hostConfig = Type.Object({
  Binds: texts,
  ContainerIDFile: text,
  LogConfig: Type.Optional(Type.Object({ Type: text, Config: textMap })),
  NetworkMode: text,
  PortBindings: Type.Optional(Type.Record(Type.String(), Type.Array(portBinding))),
  RestartPolicy: Type.Optional(restartPolicy),
  AutoRemove: flag,
  VolumeDriver: text,
  VolumesFrom: texts,
  Mounts: Type.Optional(Type.Array(mount)),
  ConsoleSize: Type.Optional(Type.Array(Type.Integer())),
  Annotations: textMap,
  CapAdd: texts,
  CapDrop: texts,
  CgroupnsMode: text,
  Dns: texts,
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: texts,
  GroupAdd: texts,
  IpcMode: text,
  Cgroup: text,
  Links: texts,
  OomScoreAdj: integer,
  PidMode: text,
  Privileged: flag,
  PublishAllPorts: flag,
  ReadonlyRootfs: flag,
  SecurityOpt: texts,
  StorageOpt: textMap,
  Tmpfs: textMap,
  UTSMode: text,
  UsernsMode: text,
  ShmSize: integer,
  Sysctls: textMap,
  Runtime: text,
  Isolation: text,
  CpuShares: integer,
  Memory: integer,
  NanoCpus: integer,
  CgroupParent: text,
  BlkioWeight: integer,
  BlkioDeviceReadBps: rates,
  BlkioDeviceWriteBps: rates,
  BlkioDeviceReadIOps: rates,
  BlkioDeviceWriteIOps: rates,
  CpuPeriod: integer,
  CpuQuota: integer,
  CpuRealtimePeriod: integer,
  CpuRealtimeRuntime: integer,
  CpusetCpus: text,
  CpusetMems: text,
  Devices: Type.Optional(Type.Array(device)),
  DeviceCgroupRules: texts,
  MemoryReservation: integer,
  MemorySwap: integer,
  MemorySwappiness: integer,
  OomKillDisable: flag,
  Init: flag,
  PidsLimit: integer,
  Ulimits: Type.Optional(Type.Array(ulimit)),
  MaskedPaths: texts,
  ReadonlyPaths: texts,
  ...refused,
});

export type HostConfigBody = Static<typeof hostConfig>;
export type MountBody = Static<typeof mount>;
