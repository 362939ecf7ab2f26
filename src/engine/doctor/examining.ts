/** Parts of the engine for the doctor. */
import type { Core } from '../core.ts';

export type Examining = Pick<
  Core,
  | ('config' | 'facts' | 'folders' | 'hostRoutes' | 'kernel' | 'model')
  | ('reconciler' | 'resolver' | 'retries' | 'swarm')
>;
