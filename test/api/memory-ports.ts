import type { PortVerbs } from '../../src/engine/port-verbs.ts';
import { refuse } from './records.ts';

export const portVerbs = (calls: string[]): PortVerbs => ({
  list: async () => [],
  refused: async () => new Set(),
  add: refuse('publishing ports'),
  remove: async (ref, unwanted) => void calls.push(`unpublish ${ref} ${JSON.stringify(unwanted)}`),
});
