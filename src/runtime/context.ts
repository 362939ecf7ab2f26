/** State that the parts of the runtime share, and records of containers with a process. */
import type { Logger } from '../observe/logger.ts';
import type { ProcessIdentity } from '../programs/identity.ts';
import type { Limits } from './bounded.ts';
import type { CgroupTrees } from './cgroup.ts';
import type { ConmonPrograms } from './conmon.ts';
import type { FactsRead } from './host-facts.ts';
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
  /** The watch for the end of its process after a signal (`monitor.ts`). */
  ending?: { isForced: boolean; close: () => void } | undefined;
  /** Ends the watches of its monitor and its memory. */
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
  /** Containers that are created and not yet ended. */
  readonly running: Map<string, RunningContainer>;
  /** Starts in progress. */
  readonly starting: Map<string, AbortController>;
  readonly limits: Limits;
  /** Containers that are being removed, whose end is not reported. */
  readonly removing: Set<string>;
  /** Called when a container's cgroup has run out of memory. */
  memoryRanOut(id: string): void;
  /** Called when the monitor of a running container has ended. */
  monitorEnded(id: string): void;
}
