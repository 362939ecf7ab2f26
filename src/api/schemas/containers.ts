/** Bodies of the container routes (Docker Engine API 1.50: ContainerConfig and its parts). */
import Type, { type Static } from 'typebox';
import { anything, flag, integer, keySet, text, textMap, texts, words } from './fields.ts';
import { hostConfig, restartPolicy } from './host-config.ts';
import { endpointSettings } from './networks.ts';

export const healthcheck = Type.Object({
  Test: texts,
  Interval: integer,
  Timeout: integer,
  Retries: integer,
  StartPeriod: integer,
  StartInterval: integer,
});

const configFields = {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: keySet,
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: texts,
  Cmd: words,
  Healthcheck: Type.Optional(healthcheck),
  ArgsEscaped: flag,
  Image: text,
  Volumes: keySet,
  WorkingDir: text,
  Entrypoint: words,
  NetworkDisabled: flag,
  MacAddress: text,
  OnBuild: texts,
  Labels: textMap,
  StopSignal: text,
  StopTimeout: integer,
  Shell: words,
};

/** Names of the fields of `Config`; a create request with none of them has no configuration. */
export const configNames: readonly string[] = Object.keys(configFields);

export const containerConfig = Type.Object(configFields, { title: 'Config' });

export const containerCreate = Type.Object(
  {
    ...configFields,
    HostConfig: Type.Optional(hostConfig),
    NetworkingConfig: Type.Optional(
      Type.Object({ EndpointsConfig: Type.Optional(Type.Record(Type.String(), endpointSettings)) }),
    ),
  },
  { title: 'CreateRequest' },
);

export const containerUpdate = Type.Object(
  {
    CpuShares: integer,
    Memory: integer,
    NanoCpus: integer,
    BlkioWeight: integer,
    CpuPeriod: integer,
    CpuQuota: integer,
    CpuRealtimePeriod: integer,
    CpuRealtimeRuntime: integer,
    CpusetCpus: text,
    CpusetMems: text,
    MemoryReservation: integer,
    MemorySwap: integer,
    PidsLimit: integer,
    RestartPolicy: Type.Optional(restartPolicy),
    // Looked at only to refuse them by name.
    CgroupParent: anything,
    BlkioWeightDevice: anything,
    BlkioDeviceReadBps: anything,
    BlkioDeviceWriteBps: anything,
    BlkioDeviceReadIOps: anything,
    BlkioDeviceWriteIOps: anything,
    Devices: anything,
    DeviceCgroupRules: anything,
    DeviceRequests: anything,
    KernelMemory: anything,
    KernelMemoryTCP: anything,
    MemorySwappiness: anything,
    OomKillDisable: anything,
    Ulimits: anything,
    CpuCount: anything,
    CpuPercent: anything,
    IOMaximumIOps: anything,
    IOMaximumBandwidth: anything,
  },
  { title: 'UpdateConfig' },
);

export const execCreate = Type.Object(
  {
    User: text,
    Privileged: flag,
    Tty: flag,
    ConsoleSize: Type.Optional(Type.Array(Type.Integer())),
    AttachStdin: flag,
    AttachStderr: flag,
    AttachStdout: flag,
    Detach: flag,
    DetachKeys: text,
    Env: texts,
    WorkingDir: text,
    Cmd: texts,
  },
  { title: 'ExecOptions' },
);

export const execStart = Type.Object(
  { Detach: flag, Tty: flag, ConsoleSize: Type.Optional(Type.Array(Type.Integer())) },
  { title: 'ExecStartOptions' },
);

export type ContainerCreate = Static<typeof containerCreate>;
export type ContainerConfigBody = Static<typeof containerConfig>;
export type ContainerUpdateBody = Static<typeof containerUpdate>;
export type ExecStart = Static<typeof execStart>;
