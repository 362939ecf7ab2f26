/** Checks of a container's settings when it is created, before a specification is written. */
import type { HostConfig } from '../../model/container.ts';
import { containerCapabilities } from './capabilities.ts';
import { parseDeviceRule } from './devices.ts';
import { parseSecurityOptions } from './security.ts';

/** Throws CONTAINER_CONFIG_INVALID or NOT_SUPPORTED for settings that no start could grant. */
export function checkAsked({ CapAdd, CapDrop, SecurityOpt, DeviceCgroupRules }: HostConfig): void {
  containerCapabilities({ privileged: false, add: CapAdd ?? [], drop: CapDrop ?? [], available: [] });
  parseSecurityOptions(SecurityOpt ?? []);
  for (const rule of DeviceCgroupRules ?? []) parseDeviceRule(rule);
}
