/** What a registry has by a name: `docker service create` asks, so that all nodes run the same image. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { idOf } from './config.ts';
import { discard } from './discard.ts';
import type { Distribution, RegistryAccess } from './images.ts';
import { parseManifest, parseObject } from './manifest.ts';
import { type Platform, parsePlatform } from './platform.ts';
import { placeOf, reach } from './reach.ts';
import { parseReference, type Reference, withDefaultTag } from './reference.ts';
import { accessOf, openRegistry, type Registry, reasonIn } from './skopeo.ts';
import type { ImageStore } from './store.ts';

/** Throws BAD_REQUEST, REGISTRY_NOT_FOUND, REGISTRY_DENIED or REGISTRY_FAILED in Docker's words. */
export async function lookUp(
  store: ImageStore,
  asked: string,
  options: RegistryAccess,
): Promise<Distribution> {
  if (/^(sha256:)?[a-f0-9]{64}$/.test(asked))
    throw fail('REGISTRY_FAILED', 'no manifest found for full image ID');
  const reference = withDefaultTag(parseReference(asked));
  const insecure = store.insecureRegistries();
  const place = placeOf(reference.domain, insecure);
  await reach(place, options.gone ? { gone: options.gone } : {});
  const folder = join(store.folder, `.look-${randomUUID()}`);
  try {
    const registry = await openRegistry(folder, reference, {
      ...{ platform: parsePlatform(''), insecure, ...accessOf(options) },
      why: (said) => whyNot(said, { url: place.url, reference, hasAuth: options.auth !== undefined }),
    });
    return await describe(registry, reference);
  } finally {
    await discard(folder, store.logger);
  }
}

async function describe(registry: Registry, reference: Reference): Promise<Distribution> {
  // a digest wins over a tag; skopeo takes only one of them
  const file = await registry.manifest(reference.digest ? { ...reference, tag: '' } : reference);
  const manifest = parseManifest(file);
  const digest = idOf(file);
  const platforms =
    manifest.kind === 'index'
      ? manifest.manifests.flatMap(({ platform }) => (platform ? [platform] : []))
      : platformIn(await registry.config({ ...reference, tag: '', digest }));
  return { mediaType: manifest.mediaType, digest, size: file.length, platforms };
}

/** Throws IMAGE_INVALID. */
export function platformIn(config: Buffer): readonly Partial<Platform>[] {
  const json = parseObject('image configuration', config);
  const textOf = (key: keyof Platform): string => (typeof json[key] === 'string' ? json[key] : '');
  const [architecture, os, variant] = [textOf('architecture'), textOf('os'), textOf('variant')];
  if (!architecture && !os) return [];
  return [{ architecture, os, ...(variant && { variant }) }];
}

interface Asked {
  readonly url: string;
  readonly reference: Reference;
  readonly hasAuth: boolean;
}

/** Docker's words, else skopeo's. */
function whyNot(said: string, { url, reference, hasAuth }: Asked): Error {
  const { path, tag, digest } = reference;
  if (/manifest unknown|name unknown|repository .*not known/i.test(said))
    return fail('REGISTRY_NOT_FOUND', 'manifest unknown: manifest unknown');
  if (/requested access to the resource is denied/i.test(said))
    return fail('REGISTRY_DENIED', 'denied: requested access to the resource is denied');
  if (!/unauthorized|authentication required/i.test(said))
    return fail('REGISTRY_FAILED', `Get "${url}/v2/": ${reasonIn(said)}`);
  if (hasAuth) return fail('REGISTRY_DENIED', 'unauthorized: authentication required');
  const at = `${url}/v2/${path}/manifests/${digest || tag}`;
  return fail('REGISTRY_FAILED', `Head "${at}": no basic auth credentials`);
}
