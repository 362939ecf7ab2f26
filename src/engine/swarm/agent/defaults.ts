/** Defaults of containers by the engine's settings. */
import { existsSync } from 'node:fs';
import type { DaemonConfig } from '../../../config/config.ts';
import type { ContainerDefaults } from './container-request.ts';

export const containerDefaults = (config: DaemonConfig): ContainerDefaults => ({
  shmSize: config.defaultShmSize,
  ipcMode: config.defaultIpcMode,
  cgroupnsMode: config.defaultCgroupnsMode || (hasUnifiedCgroups() ? 'private' : 'host'),
  runtime: config.defaultRuntime,
  logDriver: config.logDriver,
  logOptions: config.logOpts,
});

/** Docker's rule: private cgroup namespaces on cgroups v2, the host's on v1. */
const hasUnifiedCgroups = (): boolean => existsSync('/sys/fs/cgroup/cgroup.controllers');
