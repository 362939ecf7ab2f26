/** A large difference of the store, in parts that are brought in one after the other. Pure. */
import type { Changes, Entry } from '../kv/kv.ts';

/** Keys of a part: what can be brought in within some milliseconds. */
const most = 800;

interface Part {
  readonly put: Entry[];
  readonly removed: string[];
}

/**
 * What the peers need comes first. What goes and what comes in one network is in one part where it fits, because names and
 * addresses that change hands are then written once.
 */
export function* partsOf({ put, removed, revision }: Changes): Generator<Omit<Changes, 'kind'>> {
  if (put.length + removed.length <= most) return yield { put, removed, revision };
  let part: Part = { put: [], removed: [] };
  for (const folder of byFolder(put, removed))
    for (const some of slices(folder)) {
      if (sizeOf(part) > 0 && sizeOf(part) + sizeOf(some) > most) {
        yield { ...part, revision };
        part = { put: [], removed: [] };
      }
      part.put.push(...some.put);
      part.removed.push(...some.removed);
    }
  yield { ...part, revision };
}

/** The parts of networks last. */
function byFolder(put: readonly Entry[], removed: readonly string[]): readonly Part[] {
  const first: Part = { put: [], removed: [] };
  const ofNetworks = new Map<string, Part>();
  const partOf = (key: string): Part => {
    const network = networkOf(key);
    if (network === undefined) return first;
    const known = ofNetworks.get(network);
    if (known) return known;
    const made: Part = { put: [], removed: [] };
    ofNetworks.set(network, made);
    return made;
  };
  for (const entry of put) partOf(entry.key).put.push(entry);
  for (const key of removed) partOf(key).removed.push(key);
  return [first, ...ofNetworks.values()];
}

/** Endpoints and addresses of a network together. Undefined for all other keys. */
function networkOf(key: string): string | undefined {
  const first = key.indexOf('/');
  const second = key.indexOf('/', first + 1);
  return second < 0 ? undefined : key.slice(first + 1, second);
}

const sizeOf = ({ put, removed }: Part): number => put.length + removed.length;

/** What goes first. */
function* slices(part: Part): Generator<Part> {
  if (sizeOf(part) <= most) return yield part;
  for (let at = 0; at < part.removed.length; at += most)
    yield { put: [], removed: part.removed.slice(at, at + most) };
  for (let at = 0; at < part.put.length; at += most)
    yield { put: part.put.slice(at, at + most), removed: [] };
}
