/**
 * An image's configuration file (OCI image-spec, config.md, with Docker's additional fields) and the record
 * that the model keeps of it.
 */
import { createHash } from 'node:crypto';
import { fail } from '../errors.ts';
import type { Image, ImageConfig, ImageHistory } from '../model/image.ts';

/** The fields that are read. The file itself is kept byte for byte, because its digest is the image's id. */
export interface ConfigFile {
  readonly architecture: string;
  readonly variant?: string;
  readonly os: string;
  readonly created?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly config?: ImageConfig;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] };
  readonly history?: readonly HistoryLine[];
}

export interface HistoryLine {
  readonly created?: string;
  readonly created_by?: string;
  readonly comment?: string;
  readonly author?: string;
  readonly empty_layer?: boolean;
}

/** Docker's limit; overlayfs allows 500. */
const mostLayers = 125;

const zeroDate = '0001-01-01T00:00:00Z';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The image's id. */
export function idOf(file: Buffer): string {
  return `sha256:${createHash('sha256').update(file).digest('hex')}`;
}

/** Parses and checks a configuration. Throws IMAGE_INVALID. */
export function parseConfig(file: Buffer): ConfigFile {
  let parsed: unknown;
  try {
    parsed = JSON.parse(file.toString('utf8'));
  } catch {
    throw fail('IMAGE_INVALID', 'invalid image configuration: it is not JSON');
  }
  const diffIds = isObject(parsed) && isObject(parsed.rootfs) ? parsed.rootfs.diff_ids : undefined;
  if (!isObject(parsed) || !(diffIds === null || Array.isArray(diffIds)))
    throw fail('IMAGE_INVALID', 'invalid image configuration: it has no rootfs.diff_ids');
  const list: unknown[] = diffIds ?? [];
  if (!list.every((id) => typeof id === 'string' && /^sha256:[0-9a-f]{64}$/.test(id)))
    throw fail('IMAGE_INVALID', 'invalid image configuration: a diff id that is no sha256 digest');
  if (list.length > mostLayers) throw fail('IMAGE_INVALID', 'max depth exceeded');
  return { ...(parsed as unknown as ConfigFile), rootfs: { type: 'layers', diff_ids: list as string[] } };
}

/** The record of an image, without names. */
export function imageOf(
  file: Buffer,
  layers: readonly { readonly chainId: string; readonly size: number }[],
): Image {
  const config = parseConfig(file);
  return {
    id: idOf(file),
    tags: [],
    digests: [],
    parent: '',
    created: config.created ?? zeroDate,
    author: config.author ?? '',
    comment: config.comment ?? '',
    architecture: config.architecture ?? '',
    variant: config.variant ?? '',
    os: config.os ?? 'linux',
    config: config.config ?? {},
    layers: layers.map((layer) => layer.chainId),
    layerSizes: layers.map((layer) => layer.size),
    diffIds: config.rootfs.diff_ids,
    history: (config.history ?? []).map(historyOf),
    size: layers.reduce((sum, layer) => sum + layer.size, 0),
  };
}

function historyOf(line: HistoryLine): ImageHistory {
  return {
    created: line.created ?? zeroDate,
    createdBy: line.created_by ?? '',
    comment: line.comment ?? '',
    emptyLayer: line.empty_layer ?? false,
  };
}

/** The file of a new image, as bytes. */
export function encodeConfig(config: ConfigFile): Buffer {
  return Buffer.from(JSON.stringify(config));
}

/** A history line of an image made by the engine; empty fields are left out. */
export function historyLine(image: Image['history'][number]): HistoryLine {
  return {
    created: image.created,
    ...(image.createdBy ? { created_by: image.createdBy } : {}),
    ...(image.comment ? { comment: image.comment } : {}),
    ...(image.emptyLayer ? { empty_layer: true } : {}),
  };
}
