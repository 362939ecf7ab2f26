/** A container's configuration: `Config`, `HostConfig`, `Mounts`, the command line. */

import type { ContainerDetail } from '../../engine/container-verbs.ts';
import type { Container, ContainerConfig, MountPoint } from '../../model/container.ts';
import type { ImageConfig } from '../../model/image.ts';
import { hasLegacyLinks } from '../../model/links.ts';
import { cleanPath } from '../../model/paths.ts';
import { asNetworkName } from '../../model/predefined-names.ts';
import { networkName } from './endpoint.ts';

/** Entry point and arguments in effect: the container's own, which have the image's in them since its creation. */
export function commandOf(config: ContainerConfig, image: ImageConfig | undefined): readonly string[] {
  const own = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  const words = own.length > 0 ? own : [...(image?.Entrypoint ?? []), ...(image?.Cmd ?? [])];
  // A lone empty string is how clients clear an image's entry point.
  return words.filter((word, index) => index > 0 || word !== '');
}

/** As `docker ps` prints it: arguments with blanks are quoted. */
export function commandText(words: readonly string[]): string {
  const [path = '', ...args] = words;
  return [path, ...args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg))].join(' ');
}

/** `Mounts` of inspect and list, without those of `--tmpfs`, which are in HostConfig. */
export function presentMounts({ mounts, hostConfig }: Container): readonly object[] {
  const asked = new Set(Object.keys(hostConfig.Tmpfs ?? {}).map(cleanPath));
  return mounts
    .filter(({ type, destination }) => type !== 'tmpfs' || !asked.has(destination))
    .map(presentMount);
}

function presentMount(mount: MountPoint): object {
  return {
    Type: mount.type,
    ...(mount.name && { Name: mount.name }),
    Source: mount.source,
    Destination: mount.destination,
    ...(mount.driver && { Driver: mount.driver }),
    Mode: mount.mode,
    RW: mount.readWrite,
    Propagation: mount.propagation,
  };
}

/** Fields of Docker's HostConfig that are not supported, with Docker's empty values. */
const unasked = {
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: [],
  BlkioDeviceWriteBps: [],
  BlkioDeviceReadIOps: [],
  BlkioDeviceWriteIOps: [],
  DeviceRequests: null,
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
};

/** The request `c2:alias` is shown as `/c2:/owner/alias`, as by Docker. */
function presentLink(link: string, owner: string): string {
  const [name = '', alias = name] = link.replace(/^\//, '').split(':');
  return `/${name}:/${owner}/${alias.split('/').at(-1) ?? alias}`;
}

/** Both fields are always there. */
function presentBindings(asked: Container['hostConfig']['PortBindings']): object {
  const entries = Object.entries(asked).map(([port, bindings]) => [
    port,
    bindings.map(({ HostIp = '', HostPort = '' }) => ({ HostIp, HostPort })),
  ]);
  return Object.fromEntries(entries);
}

/** `HostConfig` as in the request. */
export function presentHostConfig({ hostConfig, name, links }: Container): object {
  const asked = hasLegacyLinks(hostConfig) ? hostConfig.Links?.map((link) => presentLink(link, name)) : null;
  const made = links?.map((link) => `/${link.name}:/${name}/${link.alias}`);
  return {
    ...unasked,
    ...hostConfig,
    PortBindings: presentBindings(hostConfig.PortBindings),
    Links: (made && made.length > 0 ? made : asked) || null,
  };
}

/** The requested MAC address in the main network, which was part of the configuration before API 1.44. */
function legacyMac(detail: ContainerDetail): object {
  const main = asNetworkName(detail.container.hostConfig.NetworkMode);
  const mac = detail.attachments.find((attachment) => networkName(attachment) === main)?.spec.mac;
  return mac ? { MacAddress: mac } : {};
}

/** `Config`. */
export function presentConfig(detail: ContainerDetail): object {
  const { config } = detail.container;
  return { ...config, Env: config.Env.length > 0 ? config.Env : null, ...legacyMac(detail) };
}
