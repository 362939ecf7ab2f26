import type { NamespaceVerbs } from '../../src/engine/namespace-verbs.ts';
import { refuse } from './records.ts';

export const namespaceVerbs = (calls: string[]): NamespaceVerbs => ({
  list: () => [],
  connect: refuse('connecting a namespace'),
  disconnect: async (network, wanted) => void calls.push(`detach ${network} ${JSON.stringify(wanted)}`),
});
