/** Transitions of containers: made, renamed, their state changed. */

import { during, fail, messageOf, SeawayError } from '../errors.ts';
import { blankEndpointSpec } from './blank.ts';
import {
  type Container,
  type ContainerConfig,
  type ContainerRequest,
  type ContainerState,
  NEVER,
} from './container.ts';
import type { EndpointSpec } from './endpoint.ts';
import type { Generators } from './generators.ts';
import type { Image, ImageConfig } from './image.ts';
import { makeLinks, renameLinks } from './links.ts';
import { type MountContext, resolveMounts } from './mounts.ts';
import { cleanPath } from './paths.ts';
import { asNetworkName, noNetwork } from './predefined-names.ts';
import { randomName } from './random-name.ts';
import { findContainer, findNetwork } from './references.ts';
import { renameEndpoints } from './sandboxes.ts';
import type { Change, View } from './tables.ts';

export interface CreateContext extends MountContext {
  readonly generate: Generators;
  /** The host's own name, for `--network host`. */
  readonly hostname: string;
}

/** A new container, everything about it checked that can be before it starts. */
export function createContainer(
  view: View,
  { request, image }: { readonly request: ContainerRequest; readonly image: Image },
  context: CreateContext,
): Container {
  const name = request.name === '' ? randomName(view, context.generate) : checkName(view, request.name);
  const id = context.generate.id();
  const merged = mergeImage(request.config, image.config);
  if ((merged.Entrypoint ?? []).length + (merged.Cmd ?? []).length === 0)
    throw fail('CONTAINER_CONFIG_INVALID', 'no command specified');
  const networkMode = normaliseMode(view, request.hostConfig.NetworkMode);
  const hostConfig = {
    ...request.hostConfig,
    NetworkMode: networkMode,
    PidMode: sharedMode(view, request.hostConfig.PidMode),
    IpcMode: sharedMode(view, request.hostConfig.IpcMode),
  };
  const links = makeLinks(view, hostConfig);
  const config = {
    ...merged,
    Hostname: merged.Hostname || (networkMode === 'host' ? context.hostname : id.slice(0, 12)),
  };
  const { mounts, anonymous } = resolveMounts(
    view,
    { config, hostConfig, readOnlyTop: request.readOnlyTop ?? false },
    context,
  );
  return {
    id,
    name,
    created: context.generate.now(),
    image: image.id,
    config,
    hostConfig,
    networks: networksOf(view, { mode: networkMode, config, specs: request.networks }),
    mounts,
    state: initialState,
    restartCount: 0,
    sandboxId: '',
    ...(links.length > 0 && { links }),
    anonymousVolumes: anonymous,
  };
}

export const initialState: ContainerState = {
  status: 'created',
  pid: 0,
  exitCode: 0,
  error: '',
  oomKilled: false,
  startedAt: NEVER,
  finishedAt: NEVER,
  stoppedByUser: false,
};

/** The record with another state; keys that are not given stay. */
export const withState = (container: Container, state: Partial<ContainerState>): Container => ({
  ...container,
  state: { ...container.state, ...state },
});

/** A new name, which its endpoints take too. */
export function renameContainer(view: View, container: Container, asked: string): readonly Change[] {
  const name = asked.replace(/^\//, '');
  if (name === container.name)
    throw fail('CONTAINER_CONFIG_INVALID', 'Renaming a container with the same name as its current name');
  newName(view, name);
  return [
    { table: 'containers', put: { ...container, name } },
    ...renameLinks(view, container, name),
    ...renameEndpoints(view, container, name),
  ];
}

/** As dockerd: here the name has its slash. */
function newName(view: View, name: string): void {
  try {
    checkName(view, name);
  } catch (error) {
    if (!(error instanceof SeawayError) || error.code !== 'CONTAINER_NAME_INVALID')
      throw during('Error when allocating new name', error);
    throw during('Error when allocating new name', fail('CONTAINER_NAME_INVALID', `/${name}`));
  }
}

/** The name, if it is well formed and free. */
function checkName(view: View, asked: string): string {
  const name = asked.replace(/^\//, '');
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) throw fail('CONTAINER_NAME_INVALID', asked);
  const holder = view.containerByName(name);
  if (holder) throw fail('CONTAINER_NAME_TAKEN', name, holder.id);
  return name;
}

/**
 * `default` is the default bridge; networks are kept by name, other containers by id. An unknown reference is kept;
 * as with dockerd, the start fails then.
 */
function normaliseMode(view: View, mode: string): string {
  return mode.startsWith('container:') ? withId(view, mode) : networkName(view, mode);
}

/** One that is missing is an error in the request: clients take a 404 for the image's and pull it. */
function sharedMode(view: View, mode: string): string {
  if (!mode.startsWith('container:')) return mode;
  return `container:${asked(() => findContainer(view, mode.slice('container:'.length)).id)}`;
}

/** The found record; a missing one is an error of the request. */
function asked(find: () => string): string {
  try {
    return find();
  } catch (error) {
    throw fail('CONTAINER_CONFIG_INVALID', messageOf(error));
  }
}

/** `container:REF` with the other's id. */
function withId(view: View, mode: string): string {
  const ref = mode.slice('container:'.length);
  return `container:${orElse(() => findContainer(view, ref).id, ref)}`;
}

const networkName = (view: View, ref: string): string =>
  orElse(() => findNetwork(view, asNetworkName(ref)).name, asNetworkName(ref));

/** The found record, or the replacement. */
function orElse(find: () => string, otherwise: string): string {
  try {
    return find();
  } catch (error) {
    if (error instanceof SeawayError && error.kind === 'notFound') return otherwise;
    throw error;
  }
}

/** Settings for each network: that of the mode first, then the others in their order. If networks are named, the mode adds none. */
function networksOf(
  view: View,
  { mode, config, specs }: { mode: string; config: ContainerConfig; specs: readonly EndpointSpec[] },
): readonly EndpointSpec[] {
  if (mode.startsWith('container:')) return [];
  const named = specs.map((spec) => ({
    ...spec,
    network: networkName(view, spec.network),
  }));
  if (config.NetworkDisabled) return [blankEndpointSpec(noNetwork)];
  const isOfMode = ({ network }: EndpointSpec): boolean => network === mode;
  return named.length === 0
    ? [blankEndpointSpec(mode)]
    : [...named.filter(isOfMode), ...named.filter((spec) => !isOfMode(spec))];
}

/** The container's configuration with the image's values for what it leaves open (Docker's rules). */
export function mergeImage(config: ContainerConfig, image: ImageConfig): ContainerConfig {
  const asked = config.Entrypoint;
  const keepsImageCommand = (asked ?? []).length === 0 && (config.Cmd ?? []).length === 0;
  const names = new Set(config.Env.map(nameOf));
  const exposed = { ...image.ExposedPorts, ...config.ExposedPorts };
  const volumes = { ...image.Volumes, ...config.Volumes };
  const workingDir = config.WorkingDir || (image.WorkingDir ?? '');
  return {
    ...config,
    User: config.User || (image.User ?? ''),
    Env: [...config.Env, ...(image.Env ?? []).filter((entry) => !names.has(nameOf(entry)))],
    Cmd: keepsImageCommand ? (image.Cmd ?? null) : config.Cmd,
    // [""] resets the image's entrypoint (`docker run --entrypoint ""`)
    Entrypoint:
      asked === null ? (image.Entrypoint ?? null) : asked.length === 1 && asked[0] === '' ? null : asked,
    WorkingDir: workingDir && cleanPath(workingDir),
    Labels: { ...image.Labels, ...config.Labels },
    ...(Object.keys(exposed).length > 0 ? { ExposedPorts: exposed } : {}),
    Volumes: Object.keys(volumes).length > 0 ? volumes : null,
    ...((config.StopSignal || image.StopSignal) && { StopSignal: config.StopSignal || image.StopSignal }),
    ...mergeHealth(config, image),
  };
}

const nameOf = (entry: string): string => entry.split('=')[0] ?? '';

function mergeHealth(config: ContainerConfig, image: ImageConfig): Pick<ContainerConfig, 'Healthcheck'> {
  if (!image.Healthcheck) return config.Healthcheck ? { Healthcheck: config.Healthcheck } : {};
  if (!config.Healthcheck) return { Healthcheck: image.Healthcheck };
  const asked = Object.entries(config.Healthcheck).filter(
    ([, value]) => value !== 0 && !(Array.isArray(value) && value.length === 0),
  );
  return { Healthcheck: { ...image.Healthcheck, ...Object.fromEntries(asked) } };
}
