/** Makes a chain of the engine exactly as planned. */
import { editsBetween } from './sequence.ts';

/** Lines of a script for one chain. */
export interface ChainScript {
  /** `:CHAIN - [0:0]`, which makes a missing chain and empties an existing one (iptables-restore). */
  readonly declarations: readonly string[];
  readonly commands: readonly string[];
}

const nothing: ChainScript = { declarations: [], commands: [] };

/** Edits the chain where few rules differ, else empties and rewrites it in one transaction. */
export function ownChainScript(
  name: string,
  wanted: readonly string[],
  observed: readonly string[] | undefined,
): ChainScript {
  if (!observed) return rewrite(name, wanted);
  const { removed, inserted } = editsBetween(observed, wanted);
  const edits = removed.length + inserted.length;
  if (edits === 0) return nothing;
  if (edits > wanted.length) return rewrite(name, wanted);
  // from the end, so that the remaining rule numbers stay valid
  const removals = removed.toReversed().map((index) => `-D ${name} ${index + 1}`);
  const tail = tailStart(inserted, wanted.length);
  const insertions = inserted.map((index) =>
    index >= tail ? `-A ${name} ${wanted[index]}` : `-I ${name} ${index + 1} ${wanted[index]}`,
  );
  return { declarations: [], commands: [...removals, ...insertions] };
}

function rewrite(name: string, wanted: readonly string[]): ChainScript {
  return { declarations: [`:${name} - [0:0]`], commands: wanted.map((rule) => `-A ${name} ${rule}`) };
}

/** The index from which all wanted rules are insertions, which can be appended. */
function tailStart(inserted: readonly number[], length: number): number {
  let start = length;
  for (let at = inserted.length - 1; at >= 0 && inserted[at] === start - 1; at--) start--;
  return start;
}
