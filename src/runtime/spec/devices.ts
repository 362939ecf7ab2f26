/** Device nodes of a container and the rules of the device cgroup. */
import { fail } from '../../errors.ts';
import type { HostConfig } from '../../model/container.ts';
import type { StartFacts } from './facts.ts';
import type { OciDevice, OciDeviceRule } from './oci.ts';

const rule = (type: 'c' | 'b', major: number, minor: number): OciDeviceRule => ({
  allow: true,
  type,
  major,
  minor,
  access: 'rwm',
});

/**
 * Beside the nodes that every OCI container has (null, zero, full, random, urandom, tty, console,
 * ptmx), any node may be made, none opened (Docker's defaults).
 */
const defaultRules: readonly OciDeviceRule[] = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  rule('c', 1, 3),
  rule('c', 1, 5),
  rule('c', 1, 7),
  rule('c', 1, 8),
  rule('c', 1, 9),
  rule('c', 5, 0),
  rule('c', 5, 1),
];

/** `c 42:* rmw` (cgroup v1 devices.allow). Throws CONTAINER_CONFIG_INVALID in Docker's words. */
export function parseDeviceRule(text: string): OciDeviceRule {
  const match = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/.exec(text);
  if (!match) throw fail('CONTAINER_CONFIG_INVALID', `invalid device cgroup rule format: '${text}'`);
  const [, type, major = '*', minor = '*', access = ''] = match;
  return {
    allow: true,
    type: type as 'a' | 'c' | 'b',
    ...(major !== '*' && { major: Number(major) }),
    ...(minor !== '*' && { minor: Number(minor) }),
    access,
  };
}

export interface DevicePlan {
  readonly nodes: readonly OciDevice[];
  readonly rules: readonly OciDeviceRule[];
}

export function devicesOf(host: HostConfig, start: StartFacts): DevicePlan {
  if (host.Privileged)
    return { nodes: start.devices.map(({ node }) => node), rules: [{ allow: true, access: 'rwm' }] };
  const granted = start.devices.map(({ node, access }): OciDeviceRule => {
    return { allow: true, type: node.type === 'b' ? 'b' : 'c', major: node.major, minor: node.minor, access };
  });
  const asked = (host.DeviceCgroupRules ?? []).map(parseDeviceRule);
  return { nodes: start.devices.map((d) => d.node), rules: [...defaultRules, ...granted, ...asked] };
}
