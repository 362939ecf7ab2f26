/**
 * Linux capabilities (capabilities(7)) of a container, which never has more than the engine itself may pass on.
 */
import { fail } from '../../errors.ts';

/** In the order of their bits (include/uapi/linux/capability.h). */
export const capabilityNames: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
];

/** What Docker gives a container that asks for nothing (docs: "Runtime privilege and Linux capabilities"). */
export const defaultCapabilities: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
];

/** Names of the bits in a mask of /proc/PID/status (`CapBnd`). */
export function capabilitiesOfMask(mask: bigint): readonly string[] {
  return capabilityNames.filter((_, bit) => (mask >> BigInt(bit)) & 1n);
}

/** `net_admin`, `CAP_NET_ADMIN`, `all` to the kernel's spelling; unknown ones are refused by name. */
function canonical(name: string, field: 'CapAdd' | 'CapDrop'): string {
  const upper = name.toUpperCase();
  if (upper === 'ALL') return upper;
  const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  if (!capabilityNames.includes(full)) {
    throw fail('CONTAINER_CONFIG_INVALID', `invalid ${field}: unknown capability: "${full}"`);
  }
  return full;
}

export interface CapabilityRequest {
  readonly privileged: boolean;
  readonly add: readonly string[];
  readonly drop: readonly string[];
  /** Capabilities that the engine may pass on: its own bounding and permitted sets. */
  readonly available: readonly string[];
}

/**
 * The capabilities of a container in the order of the kernel's bits: all if privileged, else the default ones plus
 * `add` minus `drop`. `ALL` in either stands for every one; names beside it take precedence
 * (`--cap-drop ALL --cap-add CHOWN`). A name in both is added, as in Docker.
 */
export function containerCapabilities(request: CapabilityRequest): readonly string[] {
  const add = request.add.map((name) => canonical(name, 'CapAdd'));
  const drop = request.drop.map((name) => canonical(name, 'CapDrop'));
  const wanted = (name: string): boolean => {
    if (request.privileged) return true;
    if (add.includes('ALL')) return !drop.includes(name);
    if (add.includes(name)) return true;
    return !drop.includes('ALL') && !drop.includes(name) && defaultCapabilities.includes(name);
  };
  return capabilityNames.filter((name) => wanted(name) && request.available.includes(name));
}
