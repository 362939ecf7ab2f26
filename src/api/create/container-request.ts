/** From the body of a create request to the request that the engine is given. */

import { fail } from '../../errors.ts';
import type { ContainerConfig, ContainerRequest } from '../../model/container.ts';
import { expandPorts } from '../../model/port-ranges.ts';
import { checkPolicyLabels } from '../../model/publish-policy.ts';
import { checkRequest } from '../../model/request-checks.ts';
import { type ContainerConfigBody, type ContainerCreate, configNames } from '../schemas/containers.ts';
import { wordList } from '../schemas/fields.ts';
import type { Minor } from '../version.ts';
import type { RequestDefaults } from './defaults.ts';
import { endpointSpecs } from './endpoints.ts';
import { hostConfigOf, portBindings } from './host-config.ts';
import { ofVersion, readsOnlyTop } from './older-versions.ts';
import { withLabelled } from './port-labels.ts';
import { refuseUnhandled } from './refusals.ts';

function exposedPorts(asked: ContainerConfigBody['ExposedPorts']): Record<string, object> {
  return Object.fromEntries(expandPorts(Object.keys(asked ?? {})).map((port) => [port, {}]));
}

/** Fields that exist only if they were given. */
function optional(body: ContainerConfigBody): Partial<ContainerConfig> {
  return {
    ...(body.Healthcheck && { Healthcheck: body.Healthcheck }),
    ...(body.ArgsEscaped && { ArgsEscaped: true }),
    ...(body.NetworkDisabled && { NetworkDisabled: true }),
    ...(body.StopSignal && { StopSignal: body.StopSignal }),
    ...(body.StopTimeout !== undefined && { StopTimeout: body.StopTimeout }),
    ...(body.Shell && { Shell: wordList(body.Shell) ?? [] }),
    ...(body.ExposedPorts && { ExposedPorts: exposedPorts(body.ExposedPorts) }),
  };
}

/** `Config` of a request, with Docker's zero values filled in. */
export function configOf(body: ContainerConfigBody): ContainerConfig {
  return {
    Hostname: body.Hostname ?? '',
    Domainname: body.Domainname ?? '',
    User: body.User ?? '',
    AttachStdin: body.AttachStdin ?? false,
    AttachStdout: body.AttachStdout ?? false,
    AttachStderr: body.AttachStderr ?? false,
    Tty: body.Tty ?? false,
    OpenStdin: body.OpenStdin ?? false,
    StdinOnce: body.StdinOnce ?? false,
    Env: body.Env ?? [],
    Cmd: wordList(body.Cmd) ?? null,
    Image: body.Image ?? '',
    Volumes: body.Volumes ?? null,
    WorkingDir: body.WorkingDir ?? '',
    Entrypoint: wordList(body.Entrypoint) ?? null,
    OnBuild: body.OnBuild ?? null,
    Labels: body.Labels ?? {},
    ...optional(body),
  };
}

/** Ports that are published are exposed, too. */
function withPublished(config: ContainerConfig, ports: readonly string[]): ContainerConfig {
  if (ports.length === 0) return config;
  const published = Object.fromEntries(ports.map((port) => [port, {}]));
  return { ...config, ExposedPorts: { ...config.ExposedPorts, ...published } };
}

/**
 * The request in the engine's terms: defaults filled in, everything checked that can be checked without the
 * model. Throws CONTAINER_CONFIG_INVALID or NOT_SUPPORTED.
 */
export function requestOf(
  asked: ContainerCreate,
  options: {
    readonly name: string;
    readonly platform: string;
    readonly defaults: RequestDefaults;
    readonly version: Minor;
  },
): ContainerRequest {
  if (!configNames.some((name) => Object.hasOwn(asked, name))) {
    throw fail('CONTAINER_CONFIG_INVALID', 'config cannot be empty in order to create a container');
  }
  const { version } = options;
  const body = ofVersion(asked, options);
  refuseUnhandled(body);
  const given = hostConfigOf(body.HostConfig ?? {}, options.defaults);
  const hostConfig = {
    ...given,
    PortBindings: portBindings(withLabelled(given.PortBindings, body.Labels ?? {})),
  };
  const request: ContainerRequest = {
    name: options.name.replace(/^\//, ''),
    config: configOf(body),
    hostConfig,
    networks: endpointSpecs(body, options.version),
    platform: options.platform,
    ...(readsOnlyTop(version) && { readOnlyTop: true }),
  };
  checkRequest(request);
  checkPolicyLabels(request.config.Labels);
  return { ...request, config: withPublished(request.config, Object.keys(hostConfig.PortBindings)) };
}
