/** The OCI configuration of a container. Pure: the same inputs give the same `config.json`. */

import { fail } from '../../errors.ts';
import { maskedPaths, readonlyPaths } from '../../model/protected-paths.ts';
import type { StartSpec } from '../runtime.ts';
import { devicesOf } from './devices.ts';
import type { HostFacts, StartFacts } from './facts.ts';
import { mountsOf } from './mounts.ts';
import { namespacesOf } from './namespaces.ts';
import type { OciSeccomp, OciSpec } from './oci.ts';
import { initDestination, processOf, wantsInit } from './process.ts';
import { limitsOf } from './resources.ts';
import { seccompFor } from './seccomp.ts';
import { parseSecurityOptions } from './security.ts';

/** Version of the runtime specification; runc 1.0 and crun 1.0 and later support it. */
const ociVersion = '1.0.2';

/** Sysctls that allow pings and low ports to every user of a container's own network namespace, as in Docker. */
const openToUsers = {
  'net.ipv4.ping_group_range': '0 2147483647',
  'net.ipv4.ip_unprivileged_port_start': '0',
};

/** `net.*` is set in the container's namespace; with the host's network it would change the host. */
function sysctlsOf(start: StartSpec): Readonly<Record<string, string>> {
  const { config, hostConfig: host } = start.container;
  const asked = host.Sysctls ?? {};
  const net = Object.keys(asked).find((key) => key.startsWith('net.'));
  if (net !== undefined && start.netns === '') {
    throw fail('CONTAINER_CONFIG_INVALID', `sysctl '${net}' not allowed in host network namespace`);
  }
  // Version 1.0 of the specification has no field for it.
  const named = config.Domainname !== '' && host.UTSMode === '';
  const isOwnNetwork = start.netns !== '' && !host.NetworkMode.startsWith('container:');
  return {
    ...(isOwnNetwork && openToUsers),
    ...(named && { 'kernel.domainname': config.Domainname }),
    ...asked,
  };
}

function seccompOf(
  start: StartSpec,
  facts: HostFacts,
  capabilities: readonly string[],
): OciSeccomp | undefined {
  const host = start.container.hostConfig;
  const { seccomp } = parseSecurityOptions(host.SecurityOpt ?? []);
  if (!facts.seccomp || (host.Privileged && seccomp === '')) return undefined;
  return seccompFor(seccomp, { architecture: facts.architecture, kernel: facts.kernel, capabilities });
}

/** A shared or slave mount in the container requires such a root (config-linux.md). */
function propagationOf(start: StartSpec): string | undefined {
  const extra = (start.extraMounts ?? []).flatMap(({ options }) => options);
  const all = [...start.container.mounts.map((mount) => mount.propagation), ...extra];
  if (all.some((p) => p === 'shared' || p === 'rshared')) return 'shared';
  return all.some((p) => p === 'slave' || p === 'rslave') ? 'rslave' : undefined;
}

/**
 * @throws CONTAINER_CONFIG_INVALID, NOT_SUPPORTED, START_FAILED for what is asked and cannot be;
 * what the host or the engine's own rights cannot grant is left out.
 */
export function buildSpec(start: StartSpec, facts: HostFacts, own: StartFacts): OciSpec {
  const { config, hostConfig: host } = start.container;
  const process = processOf(start, facts, own);
  const devices = devicesOf(host, own);
  const limits = limitsOf(host, facts);
  const { writableCgroups } = parseSecurityOptions(host.SecurityOpt ?? []);
  const initPath = wantsInit(host) ? initDestination : '';
  const seccomp = seccompOf(start, facts, process.capabilities.bounding);
  const rootfsPropagation = propagationOf(start);
  return {
    ociVersion,
    process,
    root: { path: start.rootfs, readonly: host.ReadonlyRootfs },
    ...(host.UTSMode === '' && config.Hostname !== '' && { hostname: config.Hostname }),
    mounts: mountsOf(start, { host: facts, start: own, writableCgroups, initPath }),
    ...(host.Annotations && { annotations: host.Annotations }),
    linux: {
      cgroupsPath: own.cgroupsPath,
      namespaces: namespacesOf(start, facts.cgroupVersion),
      devices: devices.nodes,
      resources: {
        ...limits,
        ...(own.throttles && { blockIO: { ...limits.blockIO, ...own.throttles } }),
        devices: devices.rules,
      },
      sysctl: sysctlsOf(start),
      ...(seccomp && { seccomp }),
      maskedPaths: host.Privileged ? [] : (host.MaskedPaths ?? maskedPaths),
      readonlyPaths: host.Privileged ? [] : (host.ReadonlyPaths ?? readonlyPaths),
      ...(rootfsPropagation !== undefined && { rootfsPropagation }),
    },
  };
}
