/** Mounts as they are chosen for a container. */

import { blankConfig } from '../../src/model/blank.ts';
import type { ContainerConfig, HostConfig } from '../../src/model/container.ts';
import { resolveMounts } from '../../src/model/mounts.ts';
import { world } from './fixture.ts';

export type World = ReturnType<typeof world>;
export type Asked = Partial<HostConfig> & { readonly Volumes?: ContainerConfig['Volumes'] };

export function resolve({ Volumes = null, ...hostConfig }: Asked, here: World = world()) {
  let count = 0;
  const context = {
    anonymousName: () => `anonymous${++count}`,
    volumePath: (name: string) => `/volumes/${name}/_data`,
    dataRoot: '/var/lib/seaway',
  };
  const config = { ...blankConfig, Volumes };
  return resolveMounts(here.model, { config, hostConfig: hostConfig as HostConfig }, context);
}
