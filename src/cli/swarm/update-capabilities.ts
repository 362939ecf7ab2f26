/** `--cap-add` and `--cap-drop` of `service update`. */
import { normalCapability as normal } from '../spec/capabilities.ts';
import { sorted } from './service-parts.ts';
import type { ContainerSpec } from './types.ts';

const all = 'ALL';
/** Forgets what was there before. */
const reset = 'RESET';

type Names = readonly string[];

const setOf = (names: Names | null | undefined): Set<string> => new Set((names ?? []).map(normal));

/**
 * Adding what was dropped only takes it off that list, and the other way round: the image's default is between the two.
 * What is both added and dropped is added.
 */
export function updateCapabilities(
  container: ContainerSpec,
  { capAdd, capDrop }: { readonly capAdd: Names; readonly capDrop: Names },
): void {
  const toAdd = setOf(capAdd);
  const toDrop = setOf(capDrop);
  const added = toAdd.delete(reset) ? new Set<string>() : setOf(container.CapabilityAdd);
  const dropped = toDrop.delete(reset) ? new Set<string>() : setOf(container.CapabilityDrop);
  for (const name of toDrop) if (!toAdd.has(name) && !added.delete(name)) dropped.add(name);
  for (const name of toAdd) if (!dropped.delete(name)) added.add(name);
  container.CapabilityAdd = listOf(added);
  container.CapabilityDrop = listOf(dropped);
}

function listOf(names: ReadonlySet<string>): string[] | null {
  if (names.size === 0) return null;
  return names.has(all) ? [all] : sorted(names);
}
