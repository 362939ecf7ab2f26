/**
 * Namespaces that networks have for their own links (an overlay's bridge and tunnels). The namespaces of sandboxes are no
 * part of plans: the engine makes them before it converges a sandbox.
 */
import type { Kind } from './kind.ts';
import { ranks } from './ranks.ts';

export const namespace: Kind<'namespace'> = {
  key: ({ ns }) => `${ns}/namespace/${ns}`,
  rank: () => ranks.namespace,
  print: () => ['network namespace'],
  differences: () => [],
  removable: () => true,
  goesWith: () => [],
};
