/** Images: list entries, inspect, history (Docker Engine API 1.50). */
import type { Removed } from '../../images/images.ts';
import type { Image, ImageConfig, ImageHistory } from '../../model/image.ts';
import type { Minor } from '../version.ts';
import { inOrder } from './image-names.ts';

const seconds = (date: string): number => Math.floor(Date.parse(date) / 1000) || 0;

/** Before API 1.44 the size was in two fields. */
const virtualSize = (image: Image, version: Minor): object =>
  version < 44 ? { VirtualSize: image.size } : {};

/** An image without names had names that say so before 1.43, and `null` for a list that is empty. */
function presentNames({ tags, digests }: Image, version: Minor): object {
  if (version >= 43) return { RepoDigests: inOrder(digests), RepoTags: inOrder(tags) };
  if (tags.length + digests.length === 0)
    return { RepoDigests: ['<none>@<none>'], RepoTags: ['<none>:<none>'] };
  return namesOrNull({ tags, digests });
}

/** As `GET /system/df` has the names. */
export function namesOrNull({ tags, digests }: Pick<Image, 'tags' | 'digests'>): object {
  const orNull = (names: readonly string[]): readonly string[] | null =>
    names.length > 0 ? inOrder(names) : null;
  return { RepoDigests: orNull(digests), RepoTags: orNull(tags) };
}

/** An entry of `GET /images/json`. `containers` and `sharedSize` are -1 if they were not counted. */
export function presentImageEntry(
  image: Image,
  options: { readonly version: Minor; readonly containers: number; readonly sharedSize: number },
): object {
  return {
    Containers: options.containers,
    Created: seconds(image.created),
    Id: image.id,
    Labels: image.config.Labels ?? null,
    ParentId: image.parent,
    ...presentNames(image, options.version),
    SharedSize: options.sharedSize,
    Size: image.size,
    ...virtualSize(image, options.version),
  };
}

/** Fields of a container's configuration that images had, always empty, before 1.50. */
const legacyConfig = {
  Hostname: '',
  Domainname: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Image: '',
};

function presentConfig(config: ImageConfig, version: Minor): object {
  const plain = {
    User: config.User ?? '',
    Env: config.Env ?? null,
    Cmd: config.Cmd ?? null,
    Volumes: config.Volumes ?? null,
    WorkingDir: config.WorkingDir ?? '',
    Entrypoint: config.Entrypoint ?? null,
    OnBuild: config.OnBuild ?? null,
    Labels: config.Labels ?? null,
  };
  return { ...(version < 50 && legacyConfig), ...plain, ...config };
}

/** `GET /images/{name}/json`. */
export function presentImage(image: Image, version: Minor): object {
  return {
    Id: image.id,
    RepoTags: inOrder(image.tags),
    RepoDigests: inOrder(image.digests),
    Parent: image.parent,
    Comment: image.comment,
    Created: image.created,
    DockerVersion: '',
    Author: image.author,
    Config: presentConfig(image.config, version),
    Architecture: image.architecture,
    ...(image.variant && { Variant: image.variant }),
    Os: image.os,
    Size: image.size,
    ...virtualSize(image, version),
    GraphDriver: { Data: null, Name: 'overlay2' },
    RootFS: { Type: 'layers', Layers: image.diffIds },
    Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
  };
}

/** Bytes of each history entry, oldest first: entries that made no layer have none. */
function sizes(image: Image, history: readonly ImageHistory[]): readonly number[] {
  const layers = image.layerSizes ?? (image.layers.length === 1 ? [image.size] : []);
  let layer = 0;
  return history.map((entry) => (entry.emptyLayer ? 0 : (layers[layer++] ?? 0)));
}

/** `GET /images/{name}/history`, newest first; only the newest entry is an image itself. */
export function presentHistory(image: Image): readonly object[] {
  const plain: ImageHistory = {
    created: image.created,
    createdBy: '',
    comment: image.comment,
    emptyLayer: false,
  };
  const history = image.history.length > 0 ? image.history : [plain];
  const bytes = sizes(image, history);
  return history
    .map((entry, index) => ({
      Comment: entry.comment,
      Created: seconds(entry.created),
      CreatedBy: entry.createdBy,
      Id: index === history.length - 1 ? image.id : '<missing>',
      Size: bytes[index] ?? 0,
      Tags: index === history.length - 1 && image.tags.length > 0 ? inOrder(image.tags) : null,
    }))
    .reverse();
}

/** Images and names removed by `rmi` and `image prune`. */
export const presentRemoved = (all: readonly Removed[]): readonly object[] =>
  all.map(({ untagged, deleted }) =>
    untagged === undefined ? { Deleted: deleted } : { Untagged: untagged },
  );
