/**
 * Archives of Docker before 1.10: `repositories`, and for each layer a folder `ID/` with `json` and
 * `layer.tar` (moby image/spec/v1.md). Each layer was an image with a parent; the topmost has the name.
 */
import { fail } from '../errors.ts';
import { decompressed } from './compression.ts';
import type { Progress } from './images.ts';
import type { LayerInfo } from './layers.ts';
import { parseTag } from './reference.ts';
import type { Parts } from './spool.ts';
import type { ImageStore, NewImage } from './store.ts';

type Json = Readonly<Record<string, unknown>>;

/** Docker's limit, which also ends a cycle of parents. */
const mostLayers = 125;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function jsonOf(parts: Parts, name: string): Promise<Json> {
  const text = (await parts.text(name)).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail('IMAGE_INVALID', `invalid ${name}: it is not JSON`);
  }
  if (!isObject(value)) throw fail('IMAGE_INVALID', `invalid ${name}: it is no object`);
  return value;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Names by the id of their layer. */
async function namesOf(parts: Parts): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = new Map<string, string[]>();
  for (const [repository, tags] of Object.entries(await jsonOf(parts, 'repositories')))
    for (const [tag, id] of Object.entries(isObject(tags) ? tags : {}))
      names.set(textOf(id), [...(names.get(textOf(id)) ?? []), parseTag(`${repository}:${tag}`)]);
  return names;
}

/** The named images of an archive. */
export async function legacyImages(store: ImageStore, parts: Parts, progress: Progress): Promise<NewImage[]> {
  const images: NewImage[] = [];
  for (const [id, tags] of await namesOf(parts))
    images.push({ ...(await legacyImage(store, parts, { id, progress })), tags });
  return images;
}

interface OldLayer {
  readonly id: string;
  readonly json: Json;
}

/** From the lowest layer to the one with that id. */
async function chainTo(parts: Parts, top: string): Promise<readonly OldLayer[]> {
  const chain: OldLayer[] = [];
  for (let id = top; id !== ''; ) {
    if (!/^[0-9a-f]{64}$/.test(id)) throw fail('IMAGE_INVALID', `invalid image id ${JSON.stringify(id)}`);
    if (chain.length === mostLayers) throw fail('IMAGE_INVALID', 'max depth exceeded');
    const json = await jsonOf(parts, `${id}/json`);
    chain.unshift({ id, json });
    id = textOf(json.parent);
  }
  return chain;
}

async function legacyImage(
  store: ImageStore,
  parts: Parts,
  of: { readonly id: string; readonly progress: Progress },
): Promise<NewImage> {
  const chain = await chainTo(parts, of.id);
  const layers: LayerInfo[] = [];
  for (const { id } of chain) {
    const tar = decompressed(parts.stream(`${id}/layer.tar`));
    const layer = await store.layers.add(tar, { parent: layers.at(-1)?.chainId ?? '', isWhole: true });
    of.progress({
      status: 'Loading layer',
      id: id.slice(0, 12),
      progressDetail: { current: layer.tarSize, total: layer.tarSize },
    });
    layers.push(layer);
  }
  return { file: configOf(chain, layers), layers, tags: [] };
}

/** Converted as by dockerd: the topmost layer's fields, without those that only old images had. */
function configOf(chain: readonly OldLayer[], layers: readonly LayerInfo[]): Buffer {
  const { id, parent, parent_id, layer_id, throwaway, Size, ...kept } = chain.at(-1)?.json ?? {};
  const file = {
    ...kept,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: chain.map(({ json }) => historyOf(json)),
  };
  return Buffer.from(JSON.stringify(file));
}

function historyOf(json: Json): object {
  const config = isObject(json.container_config) ? json.container_config : {};
  const command = Array.isArray(config.Cmd) ? config.Cmd.join(' ') : '';
  return {
    ...(json.created !== undefined && { created: json.created }),
    ...(textOf(json.author) && { author: json.author }),
    ...(command && { created_by: command }),
    ...(textOf(json.comment) && { comment: json.comment }),
  };
}
