/** hosts, hostname and resolv.conf of a container, kept in its folder and mounted into it. */

import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Scopes } from '../../affected/affected.ts';
import type { Container } from '../../model/container.ts';
import { ownAddress } from '../../model/leases.ts';
import { linkedAddress, linksOf } from '../../model/links.ts';
import type { Sandbox } from '../../model/sandbox.ts';
import { type HostNames, hostNames } from '../../names/host-names.ts';
import { hostnameFile, hostsFile, hostsFileOfHost } from '../../names/hosts-file.ts';
import { resolvConfDirect, resolvConfOfHost, resolvConfWithResolver } from '../../names/resolv-conf.ts';
import { bare } from '../../net/address.ts';
import { familyOf } from '../../net/family.ts';
import type { Core } from '../core.ts';
import { hostFile } from '../host-file.ts';
import { forgetFolder } from './folder.ts';
import { type NetworkFiles, writeAgain, writeAnew, writtenName } from './written-files.ts';

export type WritingFiles = Pick<Core, 'config' | 'folders' | 'logger' | 'model'>;

/** Paths of a container's files; a container that shares another's network shares its files. */
export const networkFilesOf = (core: Pick<Core, 'folders' | 'model'>, container: Container): NetworkFiles =>
  filesIn(core, filesOwner(core, container));

/** Follows `container:` through containers that have themselves joined another. */
function filesOwner(core: Pick<Core, 'model'>, container: Container): string {
  let { id } = container;
  const seen = new Set<string>();
  for (let found: Container | undefined = container; found && !seen.has(id); ) {
    seen.add(id);
    const mode: string = found.hostConfig.NetworkMode;
    if (!mode.startsWith('container:')) break;
    id = mode.slice('container:'.length);
    found = core.model.get('containers', id);
  }
  return id;
}

function filesIn({ folders }: Pick<Core, 'folders'>, containerId: string): NetworkFiles {
  const folder = join(folders.containers, containerId);
  return {
    hosts: join(folder, 'hosts'),
    hostname: join(folder, 'hostname'),
    resolvConf: join(folder, 'resolv.conf'),
  };
}

/** Writes the files of containers in their own sandboxes that a change concerns. */
export async function followFiles(core: WritingFiles, files: Scopes['files']): Promise<void> {
  for (const [id, { begins, from }] of files) {
    const container = core.model.get('containers', id);
    const sandbox = container && core.model.sandboxOfContainer(id);
    if (!sandbox) continue;
    const folder = join(core.folders.containers, id);
    mkdirSync(folder, { recursive: true, mode: 0o710 });
    if (from !== undefined && from !== id) await takeOver(core, from, id);
    const write = begins ? writeAnew : writeAgain;
    write(folder, networkFilesOf(core, container), textsOf(core, container, sandbox));
  }
}

/**
 * A container replaces one whose sandbox was parked, and takes over the files themselves, because joined containers have
 * them mounted.
 */
async function takeOver(core: Pick<Core, 'folders' | 'model'>, from: string, to: string): Promise<void> {
  const all = (id: string): readonly string[] => [
    ...Object.values(filesIn(core, id)),
    join(core.folders.containers, id, writtenName),
  ];
  const mine = all(to);
  for (const [i, file] of all(from).entries()) if (existsSync(file)) renameSync(file, mine[i] ?? '');
  if (!core.model.get('containers', from)) await forgetFolder(core, from);
}

const textsOf = (
  core: Pick<Core, 'config' | 'logger' | 'model'>,
  container: Container,
  sandbox: Sandbox,
): NetworkFiles => ({
  hostname: hostnameFile(container.config.Hostname),
  hosts: hostsText(core, container, sandbox),
  resolvConf: resolvConfText(core, sandbox),
});

function hostsText(core: Pick<Core, 'config' | 'model'>, container: Container, sandbox: Sandbox): string {
  const { extraHosts } = sandbox;
  const hostNames = fileNames(core, sandbox);
  if (sandbox.kind === 'host') return hostsFileOfHost(hostFile('/etc/hosts'), { extraHosts, hostNames });
  const endpoints = core.model.endpointsOfSandbox(sandbox.id);
  const links = linksOf(core.model, container).flatMap((link) => {
    const address = linkedAddress(core.model, link);
    const { source, alias } = link;
    return address ? [{ address, alias, hostname: source.config.Hostname, name: source.name }] : [];
  });
  return hostsFile({
    hostname: sandbox.hostname,
    domainname: sandbox.domainname,
    addresses: endpoints.flatMap((endpoint) =>
      ([4, 6] as const).flatMap((family) => ownAddress(endpoint, family) ?? []).map(bare),
    ),
    extraHosts,
    links,
    hostNames,
    ipv6: hasLoopback6(sandbox),
  });
}

/** Whether the requested sysctls leave IPv6 enabled on the loopback link. */
const hasLoopback6 = ({ sysctls }: Sandbox): boolean =>
  ['all', 'lo'].every((link) => sysctls[`net.ipv6.conf.${link}.disable_ipv6`] !== '1');

/** Names of the host for the hosts file, if the embedded resolver does not answer them. */
const fileNames = ({ config, model }: Pick<Core, 'config' | 'model'>, sandbox: Sandbox): HostNames =>
  config.hostNames && !sandbox.resolver ? hostNames(model, sandbox) : {};

/** Text of resolv.conf for processes in a sandbox. */
export function resolvConfText(core: Pick<Core, 'logger' | 'model'>, sandbox: Sandbox): string {
  const { dns } = sandbox;
  const host = hostFile('/etc/resolv.conf');
  if (sandbox.kind === 'host') return resolvConfOfHost({ dns, host });
  if (sandbox.resolver) return resolvConfWithResolver({ dns, host });
  const endpoints = core.model.endpointsOfSandbox(sandbox.id);
  const ipv6 = endpoints.some(({ addresses }) => addresses.some((address) => familyOf(address) === 6));
  const { text, fallback } = resolvConfDirect({ dns, host, ipv6 });
  if (fallback)
    core.logger.warn('the host has no DNS server that a container can reach: public ones are used', {
      sandbox: sandbox.id.slice(0, 12),
    });
  return text;
}
