/** `GET /containers/{id}/json` (Docker Engine API 1.50: ContainerInspectResponse). */
import type { ContainerDetail } from '../../engine/container-verbs.ts';
import { defaultNetwork } from '../../model/predefined-names.ts';
import type { Minor } from '../version.ts';
import { commandOf, presentConfig, presentHostConfig, presentMounts } from './container-config.ts';
import { presentState } from './container-state.ts';
import { macShown, networkName, presentAddresses, presentNetworks } from './endpoint.ts';
import { presentPortMap } from './ports.ts';

export interface InspectOptions {
  readonly version: Minor;
  /** Published ports that the host's firewall refuses, by `placeOf`. */
  readonly refused?: ReadonlySet<string>;
  readonly size: { readonly rw: number; readonly rootFs: number } | undefined;
}

/** The container's own sandbox; none if it joined another container's network. */
function presentSandbox({ sandbox, container }: ContainerDetail) {
  if (sandbox?.containerId !== container.id) return { SandboxID: '', SandboxKey: '' };
  return { SandboxID: sandbox.id, SandboxKey: sandbox.path || '/var/run/docker/netns/default' };
}

function presentNetworkSettings(
  detail: ContainerDetail,
  { version, refused }: Pick<InspectOptions, 'version' | 'refused'>,
): object {
  const onBridge = detail.attachments.find((attachment) => networkName(attachment) === defaultNetwork);
  return {
    Bridge: '',
    ...presentSandbox(detail),
    Ports: presentPortMap(detail, refused),
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    ...presentAddresses(onBridge),
    MacAddress: onBridge ? macShown(onBridge, detail.container) : '',
    Networks: presentNetworks(detail, version),
  };
}

function presentRoot({ root }: ContainerDetail): object {
  return {
    Data: {
      LowerDir: root.lower.join(':'),
      MergedDir: root.merged,
      UpperDir: root.upper,
      WorkDir: root.work,
    },
    Name: 'overlay2',
  };
}

export function presentContainer(detail: ContainerDetail, options: InspectOptions): object {
  const { container, image, files, logPath, execIds } = detail;
  const mountedOn = (place: string): string | undefined =>
    container.mounts.find(({ destination }) => destination === place)?.source;
  const [path = '', ...args] = commandOf(container.config, image?.config);
  return {
    Id: container.id,
    Created: container.created,
    Path: path,
    Args: args,
    State: presentState(container),
    Image: container.image,
    ResolvConfPath: mountedOn('/etc/resolv.conf') ?? files.resolvConf,
    HostnamePath: mountedOn('/etc/hostname') ?? files.hostname,
    HostsPath: mountedOn('/etc/hosts') ?? files.hosts,
    LogPath: logPath,
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: detail.appArmorProfile,
    ExecIDs: execIds.length > 0 ? execIds : null,
    HostConfig: presentHostConfig(container),
    GraphDriver: presentRoot(detail),
    ...(options.size && { SizeRw: options.size.rw, SizeRootFs: options.size.rootFs }),
    Mounts: presentMounts(container),
    Config: presentConfig(detail),
    NetworkSettings: presentNetworkSettings(detail, options),
  };
}
