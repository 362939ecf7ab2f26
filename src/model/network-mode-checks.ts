/** Options that conflict with a network mode (Docker's runconfig rules). */

import { fail } from '../errors.ts';
import type { ContainerRequest } from './container.ts';

interface Rule {
  readonly breaks: (request: ContainerRequest) => boolean;
  readonly message: string;
}

const filled = (value: object | null | undefined): boolean =>
  value !== null && value !== undefined && Object.keys(value).length > 0;

const mac = (request: ContainerRequest): boolean => request.networks.some((spec) => spec.mac !== undefined);

/** Rules for a container in another's network. */
const joined: readonly Rule[] = [
  {
    breaks: ({ config, hostConfig }) => config.Hostname !== '' && hostConfig.UTSMode !== 'host',
    message: 'conflicting options: hostname and the network mode',
  },
  {
    breaks: ({ hostConfig }) => filled(hostConfig.Links),
    message:
      "conflicting options: container type network can't be used with links. This would result in undefined behavior",
  },
  {
    breaks: ({ hostConfig }) => filled(hostConfig.Dns),
    message: 'conflicting options: dns and the network mode',
  },
  {
    breaks: ({ hostConfig }) => filled(hostConfig.ExtraHosts),
    message: 'conflicting options: custom host-to-IP mapping and the network mode',
  },
  { breaks: mac, message: 'conflicting options: mac-address and the network mode' },
  {
    breaks: ({ hostConfig }) => filled(hostConfig.PortBindings) || hostConfig.PublishAllPorts,
    message: 'conflicting options: port publishing and the container type network mode',
  },
  {
    breaks: ({ config }) => filled(config.ExposedPorts),
    message: 'conflicting options: port exposing and the container type network mode',
  },
];

/** Rules for a container in the host's network. */
const onHost: readonly Rule[] = [
  {
    breaks: ({ hostConfig }) => filled(hostConfig.Links),
    message:
      "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
  },
];

const everywhere: readonly Rule[] = [
  {
    breaks: ({ config, hostConfig }) => hostConfig.UTSMode === 'host' && config.Hostname !== '',
    message: 'conflicting options: hostname and the UTS mode',
  },
];

function rulesOf(mode: string): readonly Rule[] {
  if (mode.startsWith('container:')) return [...everywhere, ...joined];
  return mode === 'host' ? [...everywhere, ...onHost] : everywhere;
}

/** Throws CONTAINER_CONFIG_INVALID with the first rule that the request breaks. */
export function checkNetworkMode(request: ContainerRequest): void {
  const mode = request.hostConfig.NetworkMode;
  if (mode === 'container:' || mode === 'container') {
    throw fail(
      'CONTAINER_CONFIG_INVALID',
      'invalid network mode: invalid container format container:<name|id>',
    );
  }
  const broken = rulesOf(mode).find((rule) => rule.breaks(request));
  if (broken) throw fail('CONTAINER_CONFIG_INVALID', broken.message);
}
