/** Records with default settings, for the engine's own networks and for tests. */
import type { ContainerConfig } from './container.ts';
import type { EndpointSpec } from './endpoint.ts';
import type { Network, NetworkRequest } from './network.ts';
import type { Sandbox } from './sandbox.ts';

export const blankNetwork: Omit<Network, 'id' | 'name' | 'created' | 'parsed'> = {
  driver: 'bridge',
  scope: 'local',
  internal: false,
  attachable: false,
  ingress: false,
  enableIPv4: true,
  enableIPv6: false,
  configOnly: false,
  configFrom: '',
  options: {},
  labels: {},
  ipam: { driver: 'default', options: {}, pools: [] },
  link: '',
  predefined: false,
};

/** A request for a network that names nothing more. */
export const blankNetworkRequest = (name: string, more: Partial<NetworkRequest> = {}): NetworkRequest => ({
  name,
  driver: 'bridge',
  internal: false,
  attachable: false,
  ingress: false,
  enableIPv4: undefined,
  enableIPv6: undefined,
  configOnly: false,
  configFrom: '',
  scope: '',
  options: {},
  labels: {},
  ipam: { driver: '', options: {}, pools: [] },
  ...more,
});

/** To be on a network, anyhow. */
export const blankEndpointSpec = (network: string, more: Partial<EndpointSpec> = {}): EndpointSpec => ({
  network,
  aliases: [],
  links: [],
  linkLocal: [],
  driverOpts: {},
  gwPriority: 0,
  ...more,
});

export const blankSandbox: Omit<Sandbox, 'id' | 'containerId' | 'path' | 'hostname'> = {
  kind: 'own',
  domainname: '',
  extraHosts: [],
  dns: { servers: [], search: [], options: [] },
  ports: [],
  gateway4: '',
  gateway6: '',
  resolver: true,
  sysctls: {},
};

export const blankConfig: ContainerConfig = {
  Hostname: '',
  Domainname: '',
  User: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: [],
  Cmd: null,
  Image: 'busybox',
  Volumes: null,
  WorkingDir: '',
  Entrypoint: null,
  Labels: {},
};
