/** What the parts of the runtime share, and what is known of a container that has a process. */
import type { Logger } from '../observe/logger.ts';
import type { Limits } from './bounded.ts';
import type { CgroupTrees } from './cgroup.ts';
import type { ConmonPrograms } from './conmon.ts';
import type { FactsRead } from './host-facts.ts';
import type { ProcessIdentity } from './identity.ts';
import type { Layout } from './layout.ts';
import type { LogConfig } from './logs/config.ts';
import type { JsonLogs } from './logs/json-logs.ts';
import type { Rotation } from './logs/rotation.ts';

/** Kept as `state.json` in the bundle, so that a new engine finds the container again. */
export interface ContainerRecord {
  readonly id: string;
  readonly process: ProcessIdentity;
  /** conmon; undefined when it has ended already. */
  readonly monitor?: ProcessIdentity;
  readonly cgroup: string;
  readonly log: LogConfig;
}

export interface RunningContainer extends ContainerRecord {
  rotation: Rotation | undefined;
  /** Its process was sent a signal; its end is watched for (monitor.ts). */
  ending?: { isForced: boolean; close: () => void } | undefined;
  /** Stop watching its monitor and its memory. */
  readonly unwatch: () => void;
}

export interface Context {
  readonly layout: Layout;
  readonly trees: CgroupTrees;
  readonly facts: FactsRead;
  readonly programs: ConmonPrograms;
  readonly cgroupParent: string;
  readonly logger: Logger;
  readonly jsonLogs: JsonLogs;
  /** Created and not yet ended. */
  readonly running: Map<string, RunningContainer>;
  /** Starts that are under way. */
  readonly starting: Map<string, AbortController>;
  readonly limits: Limits;
  /** Being removed: their end is nobody's business any more. */
  readonly removing: Set<string>;
  /** Its cgroup has run out of memory. */
  memoryRanOut(id: string): void;
  /** The monitor of a running container is no more. */
  monitorEnded(id: string): void;
}
