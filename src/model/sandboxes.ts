/**
 * The life of a sandbox: opened when its container starts, its endpoints connected and disconnected,
 * closed when the container ends. All choices (addresses, MACs, names of links, ports) are made here.
 */
import { findDriver } from '../drivers/registry.ts';
import { fail } from '../errors.ts';
import type { Container } from './container.ts';
import type { Endpoint, EndpointAsk } from './endpoint.ts';
import { type Attachment, chooseGateway } from './gateway.ts';
import { familyOf } from './leases.ts';
import type { Family, Network } from './network.ts';
import { choosePorts, type PortContext } from './ports.ts';
import { findNetwork } from './references.ts';
import type { DnsSettings, ExtraHost, PortMapping, Sandbox } from './sandbox.ts';
import type { Change, View } from './tables.ts';

export interface SandboxContext extends PortContext {
  /** Where the namespace of a new sandbox is to be bound. */
  readonly namespacePath: (sandboxId: string) => string;
  /** The engine's own settings, used where the container asks for nothing. */
  readonly dns: DnsSettings;
  /** What `host-gateway` means in `--add-host`: one address per family. */
  readonly hostGateways: readonly string[];
}

/** Open the sandbox of a container that is to start, with all of its endpoints and ports. */
export function openSandbox(
  view: View,
  container: Container,
  context: SandboxContext,
): { readonly sandbox: Sandbox; readonly changes: readonly Change[] } {
  const id = context.dice.id();
  const isHost = container.hostConfig.NetworkMode === 'host';
  const bare: Sandbox = {
    id,
    containerId: container.id,
    kind: isHost ? 'host' : 'own',
    path: isHost ? '' : context.namespacePath(id),
    hostname: container.config.Hostname,
    domainname: container.config.Domainname,
    extraHosts: extraHostsOf(container, context),
    dns: dnsOf(container, context.dns),
    ports: [],
    gateway4: '',
    gateway6: '',
    resolver: false,
    sysctls: isHost ? {} : netSysctlsOf(container),
  };
  const attachments: Attachment[] = [];
  for (const ask of container.networks) {
    const network = findNetwork(view, ask.network);
    const place = { sandbox: bare, siblings: attachments.map(({ endpoint }) => endpoint) };
    attachments.push({
      network,
      endpoint: makeEndpoint(view, { container, network, ask, ...place }, context),
    });
  }
  const sandbox = settle(view, { container, sandbox: bare, attachments }, context);
  const remembered = rememberMacs(container, attachments);
  return {
    sandbox,
    changes: [
      { table: 'sandboxes', put: sandbox },
      ...attachments.map(({ endpoint }): Change => ({ table: 'endpoints', put: endpoint })),
      { table: 'containers', put: { ...remembered, sandboxId: id } },
    ],
  };
}

/** Give a running container's sandbox one more endpoint. */
export function connectSandbox(
  view: View,
  request: { readonly container: Container; readonly sandbox: Sandbox; readonly ask: EndpointAsk },
  context: SandboxContext,
): { readonly endpoint: Endpoint; readonly changes: readonly Change[] } {
  const { container, sandbox, ask } = request;
  const network = findNetwork(view, ask.network);
  const siblings = view.endpointsOfSandbox(sandbox.id);
  const endpoint = makeEndpoint(view, { container, network, ask, sandbox, siblings }, context);
  const attachments = [...attachmentsOf(view, siblings), { network, endpoint }];
  const settled = settle(view, { container, sandbox, attachments }, context);
  return {
    endpoint,
    changes: [
      { table: 'endpoints', put: endpoint },
      { table: 'sandboxes', put: settled },
    ],
  };
}

/** Take one endpoint away; gateway and ports move to another network if they must. */
export function disconnectSandbox(
  view: View,
  request: { readonly container: Container; readonly sandbox: Sandbox; readonly endpoint: Endpoint },
  context: SandboxContext,
): readonly Change[] {
  const { container, sandbox, endpoint } = request;
  const rest = view.endpointsOfSandbox(sandbox.id).filter(({ id }) => id !== endpoint.id);
  const settled = settle(view, { container, sandbox, attachments: attachmentsOf(view, rest) }, context);
  return [
    { table: 'endpoints', remove: endpoint.id },
    { table: 'sandboxes', put: settled },
  ];
}

/** Take the whole sandbox away: addresses and ports are free again. */
export function closeSandbox(view: View, sandboxId: string): readonly Change[] {
  if (!view.get('sandboxes', sandboxId)) return [];
  return [
    ...view.endpointsOfSandbox(sandboxId).map(({ id }): Change => ({ table: 'endpoints', remove: id })),
    { table: 'sandboxes', remove: sandboxId },
  ];
}

/** Endpoints follow a container's new name, and with them what resolves. */
export function renameEndpoints(view: View, container: Container, name: string): readonly Change[] {
  const sandbox = view.sandboxOfContainer(container.id);
  if (!sandbox) return [];
  return view.endpointsOfSandbox(sandbox.id).map((endpoint): Change => {
    const renamed = { ...container, name };
    const network = view.get('networks', endpoint.networkId);
    return {
      table: 'endpoints',
      put: { ...endpoint, name, dnsNames: network ? dnsNamesOf(renamed, network, endpoint.ask) : [] },
    };
  });
}

const attachmentsOf = (view: View, endpoints: readonly Endpoint[]): Attachment[] =>
  endpoints.flatMap((endpoint) => {
    const network = view.get('networks', endpoint.networkId);
    return network ? [{ endpoint, network }] : [];
  });

interface Place {
  readonly container: Container;
  readonly network: Network;
  readonly ask: EndpointAsk;
  readonly sandbox: Sandbox;
  readonly siblings: readonly Endpoint[];
}

function makeEndpoint(view: View, place: Place, context: SandboxContext): Endpoint {
  const { container, network, ask, sandbox, siblings } = place;
  if (siblings.some(({ networkId }) => networkId === network.id))
    throw fail('ENDPOINT_EXISTS', container.name, network.name);
  const driver = findDriver(network.driver);
  const id = context.dice.id();
  const shape = driver.endpointShape(network, { id, ask });
  return {
    id,
    networkId: network.id,
    sandboxId: sandbox.id,
    containerId: container.id,
    name: container.name,
    ifname: shape.ifname || freeName(shape.ifPrefix, siblings),
    hostLink: shape.hostLink,
    mac: shape.mac ? (ask.mac ?? context.dice.mac()) : '',
    addresses: driver.needsAddresses ? chooseAddresses(view, network, ask) : [],
    dnsNames: dnsNamesOf(container, network, ask),
    order: siblings.reduce((highest, { order }) => Math.max(highest, order + 1), 0),
    ask,
  };
}

/** `eth0`, or the lowest number that no sibling has; '' where the driver makes no interface. */
function freeName(prefix: string, siblings: readonly Endpoint[]): string {
  if (!prefix) return '';
  for (let number = 0; ; number++) {
    const name = `${prefix}${number}`;
    if (!siblings.some(({ ifname }) => ifname === name)) return name;
  }
}

function chooseAddresses(view: View, network: Network, ask: EndpointAsk): string[] {
  const families: Family[] = [];
  if (network.enableIPv4) families.push(4);
  if (network.enableIPv6) families.push(6);
  if (ask.ipv4 && !network.enableIPv4) throw fail('ADDRESS_OUTSIDE', ask.ipv4);
  if (ask.ipv6 && !network.enableIPv6) throw fail('ADDRESS_OUTSIDE', ask.ipv6);
  const chosen = families.map((family) => {
    const asked = family === 4 ? ask.ipv4 : ask.ipv6;
    return asked ? checkedAddress(view, network, asked) : firstFree(view, network, family);
  });
  const local = ask.linkLocal.map((address) => `${address}/${address.includes(':') ? 64 : 16}`);
  return [...chosen, ...local];
}

function firstFree(view: View, network: Network, family: Family): string {
  const address = view.leases.firstFree(network.id, family);
  if (address === undefined) throw fail('ADDRESSES_EXHAUSTED', network.name);
  return address;
}

function checkedAddress(view: View, network: Network, address: string): string {
  const found = view.leases.look(network.id, address);
  if (!found) throw fail('ADDRESS_OUTSIDE', address);
  if (!found.free) throw fail('ADDRESS_IN_USE', address);
  return `${address}/${found.pool.subnet.split('/')[1]}`;
}

/** Names are served on user-defined networks only; Docker's order: name, aliases, short id, hostname. */
function dnsNamesOf(container: Container, network: Network, ask: EndpointAsk): readonly string[] {
  if (network.predefined) return [];
  const names = [container.name, ...ask.aliases, container.id.slice(0, 12), container.config.Hostname];
  return [...new Set(names.filter((name) => name !== ''))];
}

interface Unsettled {
  readonly container: Container;
  readonly sandbox: Sandbox;
  readonly attachments: readonly Attachment[];
}

/** What follows from the endpoints: gateways, published ports, whether the resolver is needed. */
function settle(
  view: View,
  { container, sandbox, attachments }: Unsettled,
  context: SandboxContext,
): Sandbox {
  const gateway4 = chooseGateway(attachments, 4);
  const gateway6 = chooseGateway(attachments, 6);
  const carrier = portCarrier(attachments, gateway4 || gateway6);
  return {
    ...sandbox,
    gateway4,
    gateway6,
    ports: portsOn(view, { container, sandbox, carrier }, context),
    resolver: sandbox.kind !== 'host' && attachments.some(({ network }) => !network.predefined),
  };
}

/** The endpoint that published ports lead to: the gateway's if its driver can publish, else any that can. */
function portCarrier(attachments: readonly Attachment[], gateway: string): Attachment | undefined {
  const able = attachments.filter(
    ({ network }) => !network.internal && findDriver(network.driver).publishesPorts,
  );
  return able.find(({ endpoint }) => endpoint.id === gateway) ?? able[0];
}

/** Ports keep their numbers when they move to another endpoint; they are chosen when there are none yet. */
function portsOn(
  view: View,
  request: { container: Container; sandbox: Sandbox; carrier: Attachment | undefined },
  context: SandboxContext,
): readonly PortMapping[] {
  const { container, sandbox, carrier } = request;
  if (!carrier) return [];
  const { endpoint, network } = carrier;
  if (sandbox.ports.length === 0) {
    const bindAddress = network.options['com.docker.network.bridge.host_binding_ipv4'] || context.bindAddress;
    return choosePorts(view, { container, endpoint }, { ...context, bindAddress });
  }
  return sandbox.ports.flatMap((port) => {
    const inside = endpoint.addresses.find((address) => familyOf(address) === familyOf(port.hostIP));
    return inside ? [{ ...port, endpointId: endpoint.id, address: inside.split('/')[0] ?? '' }] : [];
  });
}

/** MACs that were drawn are kept, so that the next start has the same. */
function rememberMacs(container: Container, attachments: readonly Attachment[]): Container {
  const networks = container.networks.map((ask, index) => {
    const mac = attachments[index]?.endpoint.mac;
    return mac ? { ...ask, mac } : ask;
  });
  return { ...container, networks };
}

function extraHostsOf({ hostConfig }: Container, context: SandboxContext): ExtraHost[] {
  return (hostConfig.ExtraHosts ?? []).flatMap((entry) => {
    const [, name = '', address = ''] = /^([^:=]+)[:=](.*)$/.exec(entry) ?? [];
    const addresses =
      address === 'host-gateway' ? context.hostGateways : [address.replace(/^\[(.*)\]$/, '$1')];
    return addresses.map((one) => ({ address: one, names: [name] }));
  });
}

function dnsOf({ hostConfig }: Container, settings: DnsSettings): DnsSettings {
  const choose = (asked: readonly string[], otherwise: readonly string[]): readonly string[] =>
    asked.length > 0 ? asked : otherwise;
  return {
    servers: choose(hostConfig.Dns, settings.servers),
    search: choose(hostConfig.DnsSearch, settings.search),
    options: choose(hostConfig.DnsOptions, settings.options),
  };
}

const netSysctlsOf = ({ hostConfig }: Container): Record<string, string> =>
  Object.fromEntries(Object.entries(hostConfig.Sysctls ?? {}).filter(([key]) => key.startsWith('net.')));
