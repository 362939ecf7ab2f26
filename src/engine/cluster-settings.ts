/** The settings of a cluster's store, checked before anything is opened. */
import type { DaemonConfig } from '../config/config.ts';
import { parseSessionTimes, parseSource } from '../kv/source.ts';

/** Throws CONFIG_INVALID for a store that no engine could use. */
export function checkCluster({ cluster: { store, options } }: Pick<DaemonConfig, 'cluster'>): void {
  if (store === '') return;
  parseSource(store, options);
  parseSessionTimes(options);
}
