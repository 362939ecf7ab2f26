/** A container with its related records, for `inspect` and `ps`. */
import { existsSync } from 'node:fs';
import { type Container, NEVER } from '../../model/container.ts';
import type { ContainerDetail } from '../container-verbs.ts';
import type { Core } from '../core.ts';
import { startedProfile, withHostProfile } from './daemon-defaults.ts';
import { networkFilesOf } from './network-files.ts';

export type Inspecting = Pick<Core, 'config' | 'execs' | 'folders' | 'images' | 'model' | 'runtime'>;

export function detail(core: Inspecting, container: Container): ContainerDetail {
  const sandbox = core.model.sandboxOfContainer(container.id);
  const endpoints = sandbox ? core.model.endpointsOfSandbox(sandbox.id) : [];
  const attachments = container.networks.map((spec) => {
    const network = core.model.networkByName(spec.network);
    return { network, spec, endpoint: endpoints.find(({ networkId }) => networkId === network?.id) };
  });
  const wasStarted = container.state.startedAt !== NEVER;
  const files = networkFilesOf(core, container);
  const image = core.model.get('images', container.image);
  return {
    container,
    sandbox: sandbox ?? core.model.get('sandboxes', container.sandboxId),
    attachments,
    image,
    execIds: core.execs.idsOf(container.id),
    logPath: wasStarted ? core.runtime.logPath(container) : '',
    appArmorProfile: wasStarted ? startedProfile(container.hostConfig, withHostProfile(core.config)) : '',
    files: existsSync(files.hosts) ? files : { hosts: '', hostname: '', resolvConf: '' },
    root: core.images.rootFolders(container.id, image),
  };
}
