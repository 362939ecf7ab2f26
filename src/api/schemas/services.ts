/** `ServiceSpec` and its parts (Docker Engine API 1.50: swarm.ServiceSpec). */
import Type, { type Static } from 'typebox';
import { healthcheck } from './containers.ts';
import { anything, decimal, flag, integer, text, textMap, texts, unsigned, unsigned32 } from './fields.ts';
import { mount, ulimit } from './host-config.ts';
import { driver } from './swarm.ts';

const fileTarget = Type.Optional(Type.Object({ Name: text, UID: text, GID: text, Mode: unsigned32 }));

/** To a secret or to a config. */
const fileReference = Type.Object({
  File: fileTarget,
  Runtime: anything,
  ...{ SecretID: text, SecretName: text },
  ...{ ConfigID: text, ConfigName: text },
});

const privileges = Type.Object({
  CredentialSpec: anything,
  SELinuxContext: Type.Optional(
    Type.Object({ Disable: flag, User: text, Role: text, Type: text, Level: text }),
  ),
  Seccomp: Type.Optional(Type.Object({ Mode: text, Profile: text })),
  AppArmor: Type.Optional(Type.Object({ Mode: text })),
  NoNewPrivileges: flag,
});

const containerSpec = Type.Object({
  Image: text,
  Labels: textMap,
  Command: texts,
  Args: texts,
  Hostname: text,
  Env: texts,
  Dir: text,
  User: text,
  Groups: texts,
  Privileges: Type.Optional(privileges),
  Init: flag,
  StopSignal: text,
  TTY: flag,
  OpenStdin: flag,
  ReadOnly: flag,
  Mounts: Type.Optional(Type.Array(mount)),
  StopGracePeriod: integer,
  Healthcheck: Type.Optional(healthcheck),
  Hosts: texts,
  DNSConfig: Type.Optional(Type.Object({ Nameservers: texts, Search: texts, Options: texts })),
  Secrets: Type.Optional(Type.Array(fileReference)),
  Configs: Type.Optional(Type.Array(fileReference)),
  Isolation: text,
  Sysctls: textMap,
  CapabilityAdd: texts,
  CapabilityDrop: texts,
  Ulimits: Type.Optional(Type.Array(ulimit)),
  OomScoreAdj: integer,
});

const genericResource = Type.Object({
  NamedResourceSpec: Type.Optional(Type.Object({ Kind: text, Value: text })),
  DiscreteResourceSpec: Type.Optional(Type.Object({ Kind: text, Value: integer })),
});

const resources = Type.Object({
  Limits: Type.Optional(Type.Object({ NanoCPUs: integer, MemoryBytes: integer, Pids: integer })),
  Reservations: Type.Optional(
    Type.Object({
      NanoCPUs: integer,
      MemoryBytes: integer,
      GenericResources: Type.Optional(Type.Array(genericResource)),
    }),
  ),
});

const restartPolicy = Type.Object({
  Condition: text,
  Delay: integer,
  MaxAttempts: unsigned,
  Window: integer,
});

const placement = Type.Object({
  Constraints: texts,
  Preferences: Type.Optional(
    Type.Array(Type.Object({ Spread: Type.Optional(Type.Object({ SpreadDescriptor: text })) })),
  ),
  MaxReplicas: unsigned,
  Platforms: Type.Optional(Type.Array(Type.Object({ Architecture: text, OS: text }))),
});

const networks = Type.Optional(
  Type.Array(Type.Object({ Target: text, Aliases: texts, DriverOpts: textMap })),
);

const taskTemplate = Type.Object({
  ContainerSpec: Type.Optional(containerSpec),
  PluginSpec: anything,
  NetworkAttachmentSpec: anything,
  Resources: Type.Optional(resources),
  RestartPolicy: Type.Optional(restartPolicy),
  Placement: Type.Optional(placement),
  Networks: networks,
  LogDriver: Type.Optional(driver),
  ForceUpdate: unsigned,
  Runtime: text,
});

const updateConfig = Type.Object({
  Parallelism: unsigned,
  Delay: integer,
  FailureAction: text,
  Monitor: integer,
  MaxFailureRatio: decimal,
  Order: text,
});

const port = Type.Object({
  Name: text,
  Protocol: text,
  TargetPort: unsigned32,
  PublishedPort: unsigned32,
  PublishMode: text,
});

const mode = Type.Object({
  Replicated: Type.Optional(Type.Object({ Replicas: unsigned })),
  Global: Type.Optional(Type.Object({})),
  ReplicatedJob: Type.Optional(Type.Object({ MaxConcurrent: unsigned, TotalCompletions: unsigned })),
  GlobalJob: Type.Optional(Type.Object({})),
});

export const serviceSpec = Type.Object(
  {
    Name: text,
    Labels: textMap,
    TaskTemplate: Type.Optional(taskTemplate),
    Mode: Type.Optional(mode),
    UpdateConfig: Type.Optional(updateConfig),
    RollbackConfig: Type.Optional(updateConfig),
    Networks: networks,
    EndpointSpec: Type.Optional(Type.Object({ Mode: text, Ports: Type.Optional(Type.Array(port)) })),
  },
  { title: 'ServiceSpec' },
);

export type ServiceSpecBody = Static<typeof serviceSpec>;
export type TaskTemplateBody = Static<typeof taskTemplate>;
export type ContainerSpecBody = Static<typeof containerSpec>;
export type FileReferenceBody = Static<typeof fileReference>;
export type PrivilegesBody = Static<typeof privileges>;
export type PlacementBody = Static<typeof placement>;
export type UpdateConfigBody = Static<typeof updateConfig>;
export type RestartPolicyBody = Static<typeof restartPolicy>;
export type EndpointSpecBody = NonNullable<ServiceSpecBody['EndpointSpec']>;
export type ServiceModeBody = Static<typeof mode>;
export type NetworkAttachmentBody = NonNullable<Static<typeof networks>>;
