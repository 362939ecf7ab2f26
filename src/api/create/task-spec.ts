/** The task template of a service request: Docker's checks and choices, before a manager sees it. */
import { fail, type SeawayError } from '../../errors.ts';
import type { MountSpec } from '../../model/container.ts';
import type {
  ConfigReference,
  ContainerSpec,
  FileTarget,
  NetworkAttachmentConfig,
  Placement,
  Privileges,
  RestartPolicy,
  SecretReference,
  TaskSpec,
} from '../../swarm/spec.ts';
import type { MountBody } from '../schemas/host-config.ts';
import type {
  ContainerSpecBody,
  FileReferenceBody,
  NetworkAttachmentBody,
  PlacementBody,
  PrivilegesBody,
  RestartPolicyBody,
  TaskTemplateBody,
} from '../schemas/services.ts';
import { logDriver } from './cluster-spec.ts';
import { omitEmpty } from './omit-empty.ts';
import { isEmpty } from './refusals.ts';

const invalid = (why: string): SeawayError => fail('BAD_REQUEST', why);

/** Throws BAD_REQUEST, in Docker's words. */
export function taskSpec(body: TaskTemplateBody, registryAuth: string): TaskSpec {
  const { Runtime: runtime = '', ContainerSpec: container } = body;
  if (runtime === 'plugin' && !isEmpty(body.PluginSpec)) throw fail('NOT_SUPPORTED', 'a service of plugins');
  if (!['', 'container', 'plugin'].includes(runtime)) throw invalid('unsupported runtime');
  if (!container || runtime === 'plugin') throw invalid('mismatched Runtime and *Spec fields');
  return {
    ContainerSpec: containerSpec(container, registryAuth),
    ...(body.Resources && { Resources: resources(body.Resources) }),
    ...(body.RestartPolicy && { RestartPolicy: restartPolicy(body.RestartPolicy) }),
    ...(body.Placement && { Placement: placement(body.Placement) }),
    ...omitEmpty({ Networks: attachments(body.Networks) }),
    ...(body.LogDriver && { LogDriver: logDriver(body.LogDriver) }),
    ForceUpdate: body.ForceUpdate ?? 0,
    Runtime: 'container',
  };
}

function containerSpec(body: ContainerSpecBody, registryAuth: string): ContainerSpec {
  const { Privileges, Init, StopGracePeriod, Healthcheck, DNSConfig, ...plain } = body;
  const {
    Mounts: mounts = [],
    Secrets: secrets = [],
    Configs: configs = [],
    Ulimits: ulimits = [],
    ...rest
  } = plain;
  return {
    ...omitEmpty({
      ...rest,
      Mounts: mounts.map(mountSpec),
      Secrets: secrets.map(secretReference),
      Configs: configs.map(configReference),
      Ulimits: ulimits.map(({ Name = '', Hard = 0, Soft = 0 }) => ({ Name, Hard, Soft })),
    }),
    ...(Privileges && { Privileges: privileges(Privileges) }),
    ...(Init !== undefined && { Init }),
    ...(StopGracePeriod !== undefined && { StopGracePeriod }),
    ...(Healthcheck && { Healthcheck: omitEmpty(Healthcheck) }),
    ...(DNSConfig && { DNSConfig: omitEmpty(DNSConfig) }),
    Isolation: body.Isolation || 'default',
    ...(registryAuth !== '' && { PullOptions: { RegistryAuth: registryAuth } }),
  };
}

function mountSpec(body: MountBody): MountSpec {
  const { Type: type = '', Target = '', ...rest } = body;
  const known = type.toLowerCase() || 'bind';
  if (known === 'npipe' || known === 'cluster') throw fail('NOT_SUPPORTED', `a mount of type "${known}"`);
  if (known !== 'bind' && known !== 'volume' && known !== 'tmpfs')
    throw invalid(`invalid MountType: ${JSON.stringify(type)}`);
  return { Type: known, ...omitEmpty({ ...rest }), Target };
}

function privileges(body: PrivilegesBody): Privileges {
  if (!isEmpty(body.CredentialSpec))
    throw fail('NOT_SUPPORTED', 'a credential spec, which only Windows has,');
  const { SELinuxContext, Seccomp, AppArmor, NoNewPrivileges: noNewPrivileges = false } = body;
  return {
    // Docker's inspect shows null for what is not given
    ...{ CredentialSpec: null, SELinuxContext: SELinuxContext ?? null },
    ...(Seccomp && { Seccomp }),
    ...(AppArmor && { AppArmor }),
    ...(noNewPrivileges && { NoNewPrivileges: true }),
  };
}

const fileTarget = ({ Name = '', UID = '', GID = '', Mode = 0 }: Partial<FileTarget>): FileTarget => ({
  ...{ Name, UID, GID, Mode },
});

const secretReference = ({ File, SecretID = '', SecretName = '' }: FileReferenceBody): SecretReference => ({
  ...(File && { File: fileTarget(File) }),
  ...{ SecretID, SecretName },
});

function configReference({
  File,
  ConfigID = '',
  ConfigName = '',
  Runtime,
}: FileReferenceBody): ConfigReference {
  if (Runtime !== undefined) throw fail('NOT_SUPPORTED', 'a config of a credential spec');
  return { ...(File && { File: fileTarget(File) }), ConfigID, ConfigName };
}

function resources({
  Limits,
  Reservations,
}: NonNullable<TaskTemplateBody['Resources']>): NonNullable<TaskSpec['Resources']> {
  return {
    ...(Limits && { Limits: omitEmpty(Limits) }),
    ...(Reservations && { Reservations: omitEmpty(Reservations) }),
  };
}

function restartPolicy(body: RestartPolicyBody): RestartPolicy {
  const condition = body.Condition || 'any';
  if (condition !== 'none' && condition !== 'on-failure' && condition !== 'any')
    throw invalid(`invalid RestartCondition: ${JSON.stringify(condition)}`);
  return { ...body, Condition: condition, MaxAttempts: body.MaxAttempts ?? 0 };
}

function placement(body: PlacementBody): Placement {
  const { Preferences: preferences = [], Platforms: platforms = [], ...rest } = body;
  return omitEmpty({
    ...rest,
    Preferences: preferences.flatMap(({ Spread: spread }) =>
      spread ? [{ Spread: { SpreadDescriptor: spread.SpreadDescriptor ?? '' } }] : [],
    ),
    Platforms: platforms.map((platform) => omitEmpty(platform)),
  });
}

export const attachments = (body: NetworkAttachmentBody = []): readonly NetworkAttachmentConfig[] =>
  body.map((attachment) => omitEmpty(attachment));
