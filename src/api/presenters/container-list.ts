/** An entry of `GET /containers/json` (Docker Engine API 1.50: ContainerSummary). */
import type { ContainerDetail } from '../../engine/container-verbs.ts';
import type { Minor } from '../version.ts';
import { commandOf, commandText, presentMounts } from './container-config.ts';
import { statusText } from './container-state.ts';
import { presentListedNetworks } from './endpoint.ts';
import { imageRefersTo } from './image-names.ts';
import { presentPortList } from './ports.ts';

export interface ListOptions {
  readonly version: Minor;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Names that links of other containers give this one: `/c5/alias`. */
  readonly linkNames: readonly string[];
  readonly size: { readonly rw: number; readonly rootFs: number } | undefined;
}

/** By container name, the names that links give it. */
export function linkNames(all: readonly ContainerDetail[]): ReadonlyMap<string, readonly string[]> {
  const pairs = all.flatMap(({ container }) =>
    (container.hostConfig.Links ?? []).map((link) => {
      const [name = '', alias = name] = link.replace(/^\//, '').split(':');
      return { name, link: `/${container.name}/${alias.split('/').at(-1) ?? alias}` };
    }),
  );
  const grouped = Map.groupBy(pairs, (pair) => pair.name);
  return new Map([...grouped].map(([name, links]) => [name, links.map((pair) => pair.link)]));
}

/** The image as it was named, or its id once that name means something else. */
function imageName({ container, image }: ContainerDetail): string {
  const { Image: name } = container.config;
  return image && !imageRefersTo(image, name) ? container.image : name;
}

/** Zeros are left out, as Go does here (and not in inspect). */
function presentSize(size: ListOptions['size']): object {
  return {
    ...(size?.rw && { SizeRw: size.rw }),
    ...(size?.rootFs && { SizeRootFs: size.rootFs }),
  };
}

export function presentListEntry(detail: ContainerDetail, options: ListOptions): object {
  const { container, image } = detail;
  const { Annotations: annotations, NetworkMode: mode } = container.hostConfig;
  return {
    Id: container.id,
    Names: [`/${container.name}`, ...options.linkNames],
    Image: imageName(detail),
    ImageID: container.image,
    Command: commandText(commandOf(container.config, image?.config)),
    Created: Math.floor(Date.parse(container.created) / 1000),
    Ports: presentPortList(detail),
    ...presentSize(options.size),
    Labels: container.config.Labels,
    State: container.state.status,
    Status: statusText(container.state, options.now),
    HostConfig: {
      NetworkMode: mode,
      ...(options.version >= 46 && annotations && { Annotations: annotations }),
    },
    NetworkSettings: { Networks: presentListedNetworks(detail, options.version) },
    Mounts: presentMounts(container),
  };
}
