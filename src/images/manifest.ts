/** The JSON files of image archives and registries, checked as they are parsed. Pure. */
import { fail } from '../errors.ts';
import { hexOf } from './layers.ts';
import { matches, type Platform } from './platform.ts';

/** OCI image-spec, descriptor.md. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly platform?: Partial<Platform>;
}

/** One image: its configuration and its layers, lowest first. */
export interface Manifest {
  readonly kind: 'manifest';
  /** Its own, as a registry names it. */
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** Several images, or one for several platforms. */
export interface Index {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
}

/** An entry of `manifest.json` (`docker save`). */
export interface SavedImage {
  readonly config: string;
  readonly tags: readonly string[];
  readonly layers: readonly string[];
  /** An image's id, or ''. */
  readonly parent: string;
}

/** Of files that do not name their type. */
const ociIndex = 'application/vnd.oci.image.index.v1+json';
const ociManifest = 'application/vnd.oci.image.manifest.v1+json';

type Json = Readonly<Record<string, unknown>>;

const invalid = (what: string, why: string): Error => fail('IMAGE_INVALID', `invalid ${what}: ${why}`);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** Throws IMAGE_INVALID. */
export function parseObject(what: string, content: Buffer): Json {
  const json = parseJson(what, content);
  if (!isObject(json)) throw invalid(what, 'it is no object');
  return json;
}

function parseJson(what: string, content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    throw invalid(what, 'it is not JSON');
  }
}

function descriptor(value: unknown): Descriptor {
  if (!isObject(value) || typeof value.digest !== 'string')
    throw invalid('manifest', 'a malformed descriptor');
  hexOf(value.digest);
  return {
    mediaType: typeof value.mediaType === 'string' ? value.mediaType : '',
    digest: value.digest,
    size: typeof value.size === 'number' ? value.size : 0,
    annotations: isObject(value.annotations) ? (value.annotations as Record<string, string>) : {},
    ...(isObject(value.platform) ? { platform: value.platform as Partial<Platform> } : {}),
  };
}

/** An OCI or Docker (schema 2) manifest or index. */
export function parseManifest(content: Buffer): Manifest | Index {
  const json = parseObject('manifest', content);
  if (json.schemaVersion === 1) throw fail('NOT_SUPPORTED', 'an image with a manifest of schema version 1');
  const typeOf = (usual: string): string => (typeof json.mediaType === 'string' ? json.mediaType : usual);
  if (Array.isArray(json.manifests))
    return { kind: 'index', mediaType: typeOf(ociIndex), manifests: json.manifests.map(descriptor) };
  if (!Array.isArray(json.layers)) throw invalid('manifest', 'it has neither layers nor manifests');
  return {
    ...{ kind: 'manifest', mediaType: typeOf(ociManifest) },
    ...{ config: descriptor(json.config), layers: json.layers.map(descriptor) },
  };
}

/** `manifest.json` of `docker save`. */
export function parseSavedImages(content: Buffer): readonly SavedImage[] {
  const json = parseJson('manifest.json', content);
  if (!Array.isArray(json)) throw invalid('manifest.json', 'it is no list');
  return json.map((item: unknown) => {
    if (!isObject(item) || typeof item.Config !== 'string')
      throw invalid('manifest.json', 'an image without Config');
    const layers = item.Layers ?? [];
    const tags = item.RepoTags ?? [];
    if (!isTexts(layers) || !isTexts(tags)) throw invalid('manifest.json', 'Layers or RepoTags are no names');
    const parent = typeof item.Parent === 'string' ? item.Parent : '';
    return { config: item.Config, tags, layers, parent };
  });
}

/** An index also lists signatures and attestations, which are no images. */
const isImage = (one: Descriptor): boolean =>
  one.platform?.os !== 'unknown' && !one.annotations['vnd.docker.reference.type'];

/** The manifest for a platform, else one without a platform. Throws IMAGE_INVALID. */
export function choosePlatform(index: Index, wanted: Platform): Descriptor {
  const images = index.manifests.filter(isImage);
  const exact = images.find((one) => one.platform && matches(one.platform, wanted));
  const near = images.find(
    (one) => one.platform?.architecture === wanted.architecture && one.platform.os === wanted.os,
  );
  const chosen = exact ?? (wanted.variant ? undefined : near) ?? images.find((one) => !one.platform);
  if (chosen) return chosen;
  const text = [wanted.os, wanted.architecture, wanted.variant].filter(Boolean).join('/');
  throw fail('IMAGE_INVALID', `no matching manifest for ${text} in the manifest list entries`);
}

/** The images in an archive's index; of several with the same name the one for the platform. */
export function imagesOfIndex(index: Index, wanted: Platform): readonly Descriptor[] {
  const images = index.manifests.filter(isImage);
  const names = new Set(images.map(nameOf));
  const platforms = images.filter((one) => one.platform).length;
  if (images.length > 1 && platforms === images.length)
    return [...names].flatMap((name) => {
      const same: Index = { ...index, manifests: images.filter((one) => nameOf(one) === name) };
      return same.manifests.length > 1 ? [choosePlatform(same, wanted)] : same.manifests;
    });
  return images;
}

/** The name of an image in an index: containerd's full name, else the specification's; '' for none. */
export function nameOf(one: Descriptor): string {
  const full = one.annotations['io.containerd.image.name'];
  const short = one.annotations['org.opencontainers.image.ref.name'] ?? '';
  // a bare `latest` is a tag of no repository
  return full ?? (/[:/]/.test(short) ? short : '');
}
