/** Making a chain that is ours alone what it should be. */
import { editsBetween } from './sequence.ts';

/** Lines for one chain: those that open the table's part of the script, and those that follow. */
export interface ChainScript {
  /** `:CHAIN - [0:0]` makes a chain that is missing and empties one that is there (iptables-restore). */
  readonly declarations: readonly string[];
  readonly commands: readonly string[];
}

const nothing: ChainScript = { declarations: [], commands: [] };

/** Edits in place where few rules differ; else the chain is emptied and rewritten in one transaction. */
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
  // from the end, so that the numbers of those that are still to go stay true
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

/** The index from which on every wanted rule is inserted: those can be appended. */
function tailStart(inserted: readonly number[], length: number): number {
  let start = length;
  for (let at = inserted.length - 1; at >= 0 && inserted[at] === start - 1; at--) start--;
  return start;
}
