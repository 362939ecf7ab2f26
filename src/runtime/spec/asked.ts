/** What of a container's settings can be judged when it is created, before there is a specification to write. */
import type { HostConfig } from '../../model/container.ts';
import { containerCapabilities } from './capabilities.ts';
import { parseDeviceRule } from './devices.ts';
import { parseSecurityOptions } from './security.ts';

/** Throws CONTAINER_CONFIG_INVALID or NOT_SUPPORTED for what no start could grant. */
export function checkAsked({ CapAdd, CapDrop, SecurityOpt, DeviceCgroupRules }: HostConfig): void {
  containerCapabilities({ privileged: false, add: CapAdd ?? [], drop: CapDrop ?? [], available: [] });
  parseSecurityOptions(SecurityOpt ?? []);
  for (const rule of DeviceCgroupRules ?? []) parseDeviceRule(rule);
}
