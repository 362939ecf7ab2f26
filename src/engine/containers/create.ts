/** `docker create`: checks everything and writes the record; nothing runs yet. */
import { realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import { fail } from '../../errors.ts';
import { makeInRoot } from '../../kernel/files/make-in-root.ts';
import type { RouteSocket } from '../../kernel/kernel.ts';
import type { Container, ContainerRequest } from '../../model/container.ts';
import { createContainer } from '../../model/containers.ts';
import { checkEndpointSpecs } from '../../model/endpoint-checks.ts';
import type { Image } from '../../model/image.ts';
import { adaptLimits } from '../../model/limit-support.ts';
import { checkLimits } from '../../model/limits.ts';
import { linkOf, specsOf, wordsOf } from '../../model/port-specs.ts';
import { findContainer } from '../../model/references.ts';
import type { Change, View } from '../../model/tables.ts';
import { type Unpublished, unpublishedOn } from '../../model/unpublished-ports.ts';
import { policyOfLabels } from '../../policy/labels.ts';
import { logConfigOf } from '../../runtime/logs/config.ts';
import { checkAsked } from '../../runtime/spec/asked.ts';
import type { Core } from '../core.ts';
import { askForImage } from '../images.ts';
import { processors } from '../processors.ts';
import { areRelayed } from '../sandbox-context.ts';
import { boundByRequest, refuseMissingBinds } from './binds.ts';
import { emitContainer } from './container-events.ts';
import { withDefaultUlimits } from './daemon-defaults.ts';
import { signalNumber } from './signals.ts';
import {
  makeVolumes,
  removeAnonymousVolumes,
  seeVolumes,
  type UsingVolumes,
  volumesMade,
} from './volumes.ts';

export type Creating = UsingVolumes &
  Pick<Core, 'config' | 'generate' | 'images' | 'kernel' | 'queue' | 'records' | 'runtime'>;

export async function create(
  core: Creating,
  request: ContainerRequest,
): Promise<{ readonly id: string; readonly warnings: readonly string[] }> {
  await askForImage(core, request.config.Image);
  // drawn here, since it names the container's turn
  const id = core.generate.id();
  return core.queue.run(id, async () => {
    await refuseMissingBinds(boundByRequest(request));
    const seen = await seeVolumes(core, request);
    // from here on the name is taken, and the image and the volumes are in use
    const { decided } = await core.records.transact((view) => chosen(core, view, { ...request, id }));
    const { container, warnings } = decided;
    try {
      await makeVolumes(core, container, (name) => seen.has(name));
      await core.records.transact((view) => volumesMade(view, findContainer(view, id)));
      await makeWorkingDir(core, container);
    } catch (error) {
      await core.images.removeRoot(container.id);
      await core.records.keep(() => [{ table: 'containers', remove: id }]);
      await removeAnonymousVolumes(core, container.anonymousVolumes);
      throw error;
    }
    emitContainer(core, 'create', container);
    return { id, warnings };
  });
}

/** As dockerd, so that `docker cp` finds the folder in a container that never ran. */
async function makeWorkingDir(core: Pick<Core, 'images'>, { id, image, config }: Container): Promise<void> {
  const path = config.WorkingDir;
  if (path === '' || path === '/') return;
  await core.images.withRoot(id, core.images.get(image), (root) => makeInRoot(root, path));
}

interface Chosen {
  readonly container: Container;
  readonly warnings: readonly string[];
  readonly changes: readonly Change[];
}

/** The container, checked and with all choices made. */
function chosen(
  core: Creating,
  view: View,
  { id, ...asked }: ContainerRequest & { readonly id: string },
): Chosen {
  const image = core.images.get(asked.config.Image);
  refuseOtherPlatform(asked, image);
  const hostConfig = withDefaultUlimits(asked.hostConfig, core.config);
  const { instead, warnings } = adaptLimits(hostConfig, core.runtime.support);
  const request = { ...asked, hostConfig: { ...hostConfig, ...instead } };
  if (request.config.StopSignal) signalNumber(request.config.StopSignal);
  checkEndpointSpecs(view, request.networks);
  checkLimits(request.hostConfig, processors());
  const container = createContainer(
    view,
    { request, image },
    {
      generate: { ...core.generate, id: () => id },
      hostname: hostname(),
      anonymousName: () => core.generate.id(),
      volumePath: (name) => core.volumes.path(name),
      dataRoot: realpathSync(core.config.dataRoot),
    },
  );
  // what no start could grant is refused now
  checkAsked(container.hostConfig);
  logConfigOf(container);
  policyOfLabels(container);
  return {
    container,
    warnings: [
      ...warnings,
      ...warningsOf(view, container, areRelayed(core)),
      ...linksMissing(core, container),
    ],
    changes: [{ table: 'containers', put: container }],
  };
}

/** `--platform`: an image of another platform counts as missing, so that clients pull the right one. */
function refuseOtherPlatform({ platform, config }: ContainerRequest, image: Image): void {
  if (platform === '') return;
  const [os = '', architecture = '', variant = ''] = platform.split('/');
  const isThat =
    image.os === os &&
    (architecture === '' || image.architecture === architecture) &&
    (variant === '' || image.variant === '' || image.variant === variant);
  if (isThat) return;
  throw fail(
    'IMAGE_OTHER_PLATFORM',
    config.Image,
    platform,
    [image.os, image.architecture, image.variant].filter(Boolean).join('/'),
  );
}

const whyUnpublished: Readonly<Record<Unpublished['why'], string>> = {
  PORT_NEEDS_IPV6: "none of the container's networks has IPv6",
  PORT_ON_LOOPBACK6: '[::1] does not lead to containers',
};

function warningsOf(view: View, container: Container, relays: boolean): readonly string[] {
  const { hostConfig } = container;
  if (hostConfig.NetworkMode === 'host')
    return Object.keys(hostConfig.PortBindings).length > 0
      ? ['Published ports are discarded when using host network mode']
      : [];
  return unpublishedOn(view, container, { relays }).map(
    ({ spec, why }) => `${wordsOf(spec)} will not be published: ${whyUnpublished[why]}`,
  );
}

/** A name that no link of the host has may be one that is written wrongly. */
export function linksMissing(
  { kernel }: { readonly kernel: { readonly host: { readonly route: Pick<RouteSocket, 'findLink'> } } },
  { hostConfig }: Pick<Container, 'hostConfig'>,
): readonly string[] {
  const specs = specsOf(hostConfig.PortBindings);
  const named = new Set(specs.map(({ binding }) => linkOf(binding)).filter(Boolean));
  const missing = new Set([...named].filter((link) => kernel.host.route.findLink(link) === undefined));
  const unpublished = specs.filter(({ binding }) => missing.has(linkOf(binding)));
  return unpublished.map(
    (spec) =>
      `${wordsOf(spec)} is not published yet: this host has no interface "${linkOf(spec.binding)}" now`,
  );
}
