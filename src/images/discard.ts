/** Removal of temporary folders, which fails no request. */
import { type InTheEnd, inTheEnd } from '../files/in-the-end.ts';
import { removeTree } from '../kernel/files/remove-tree.ts';

/** Never rejects; see `inTheEnd`. */
export const discard = (folder: string, logger: InTheEnd['logger']): Promise<void> =>
  inTheEnd(() => removeTree(folder), { doing: `removing ${folder}`, logger });
