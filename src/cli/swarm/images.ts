/** The image of a service, pinned to its digest where a registry tells it. */
import type { Client } from '#client/client.ts';
import { EngineError } from '#client/errors.ts';
import { familiarName, fullName, imagePath, withTag } from '../words/reference.ts';
import type { ServiceSpec } from './types.ts';

interface Distribution {
  readonly Descriptor: { readonly digest: string };
  readonly Platforms?: readonly { readonly architecture?: string; readonly os?: string }[] | null;
}

/** As it is shown: with a tag, without the parts of the name that everybody leaves out. */
export const taggedImage = (image: string): string => familiarName(fullName(withTag(image)));

const warning = (image: string): string =>
  `image ${image} could not be accessed on a registry to record
its digest. Each node will access ${image} independently,
possibly leading to different nodes running different
versions of the image.
`;

/** Asks the registry for the digest and puts it into the spec. Resolves to a warning where that failed. */
export async function pinImage(
  engine: Client,
  spec: ServiceSpec,
  auth: string | undefined,
): Promise<string | undefined> {
  const container = spec.TaskTemplate.ContainerSpec;
  const image = container?.Image ?? '';
  const headers: Record<string, string> = auth === undefined ? {} : { 'X-Registry-Auth': auth };
  try {
    const path = `/distribution/${imagePath(image)}/json`;
    const found = await engine.json<Distribution>('GET', path, { headers });
    const pinned = image.includes('@') ? image : `${image}@${found.Descriptor.digest}`;
    spec.TaskTemplate.ContainerSpec = { ...container, Image: pinned };
    const platforms = (found.Platforms ?? []).map(({ architecture = '', os }) => ({
      // Nodes name the variants of arm in different ways.
      Architecture: architecture.toLowerCase() === 'arm' ? '' : architecture,
      OS: os,
    }));
    if (platforms.length > 0)
      spec.TaskTemplate.Placement = { ...spec.TaskTemplate.Placement, Platforms: platforms };
    return undefined;
  } catch (thrown) {
    if (thrown instanceof EngineError) return warning(image);
    throw thrown;
  }
}
