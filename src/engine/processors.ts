/** The host's processors and memory nodes, as limits name them. */
import { cpus } from 'node:os';
import type { Processors } from '../model/limits.ts';
import { hostFile } from './host-file.ts';

/** The last number of the kernel's list (`0-3,6`) of those that work. */
function highestOnline(kind: 'cpu' | 'node', otherwise: number): number {
  const list = hostFile(`/sys/devices/system/${kind}/online`).trim();
  return list === '' ? otherwise : Number(list.split(/[,-]/).at(-1));
}

export function processors(): Processors {
  const count = cpus().length;
  return {
    count,
    highest: highestOnline('cpu', count - 1),
    highestMemoryNode: highestOnline('node', 0),
  };
}
