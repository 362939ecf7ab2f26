/**
 * Network namespaces that a network has for its own links, apart from the host's (an overlay's bridge and tunnels). The
 * namespaces of sandboxes are made before their plan is looked at, and outlive it.
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
