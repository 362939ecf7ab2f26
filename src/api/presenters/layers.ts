/** Sizes of layers that images share. */
import type { Image } from '../../model/image.ts';

type Layered = Pick<Image, 'layers' | 'layerSizes' | 'size'>;

export interface LayerUse {
  /** Bytes of all layers, each counted once. */
  readonly total: number;
  /** Bytes of the layers that other images stand on, too. */
  readonly shared: (image: Layered) => number;
}

/** Chain ids and bytes; if layers were not measured, the uppermost has all bytes. */
function layersOf({ layers, layerSizes, size }: Layered): readonly (readonly [string, number])[] {
  return layers.map((id, at) => [id, layerSizes?.[at] ?? (at === layers.length - 1 ? size : 0)]);
}

export function layerUse(images: readonly Layered[]): LayerUse {
  const users = new Map<string, number>();
  const sizes = new Map<string, number>();
  for (const [id, size] of images.flatMap(layersOf)) {
    users.set(id, (users.get(id) ?? 0) + 1);
    sizes.set(id, size);
  }
  return {
    total: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    shared: (image) =>
      layersOf(image).reduce((sum, [id, size]) => sum + ((users.get(id) ?? 0) > 1 ? size : 0), 0),
  };
}
