/**
 * The life of a sandbox: opened when its container starts, its endpoints connected and disconnected,
 * closed when the container ends. All choices (addresses, MACs, names of links, ports) are made here.
 */

import type { Container } from './container.ts';
import type { Endpoint, EndpointSpec, Membership } from './endpoint.ts';
import { checkTogether } from './endpoint-checks.ts';
import { parseInterfaceName } from './endpoint-options.ts';
import { dnsNamesOf, type EndpointContext, makeEndpoint, memberOf, remembering } from './endpoints.ts';
import { type Attachment, chooseGateway, isWayOut } from './gateway.ts';
import { portCarriers } from './port-carriers.ts';
import type { PortSpec } from './port-specs.ts';
import { chooseMore, choosePorts, type PortContext } from './ports.ts';
import { defaultNetwork, hostNetwork } from './predefined-names.ts';
import { findNetwork } from './references.ts';
import type { DnsSettings, ExtraHost, PortMapping, Sandbox } from './sandbox.ts';
import { handOver, parkedFor } from './sharing.ts';
import type { Change, View } from './tables.ts';
import { stillWaiting } from './waiting-ports.ts';
import { withWayOut } from './way-out.ts';

export interface SandboxContext extends PortContext, EndpointContext {
  /** Where the namespace of a new sandbox is to be bound. */
  readonly namespacePath: (sandboxId: string) => string;
  /** The id of a new sandbox, if plugins were told of it before. */
  readonly sandboxId?: string;
  /** The engine's own settings, used where the container asks for nothing. */
  readonly dns: DnsSettings;
  /** Addresses of `host-gateway` in `--add-host`, one per family. */
  readonly hostGateways: readonly string[];
}

/**
 * Open the sandbox of a container that is to start, with all of its endpoints and ports. One that is parked
 * for it is used again, so that containers that joined it find the network again; `parked` is what it was then.
 */
export function openSandbox(
  view: View,
  container: Container,
  context: SandboxContext,
): { readonly sandbox: Sandbox; readonly parked?: Sandbox; readonly changes: readonly Change[] } {
  const mode = container.hostConfig.NetworkMode;
  checkTogether(
    mode,
    container.networks.map(({ network }) => network),
  );
  const isHost = mode === hostNetwork;
  const parked = parkedFor(view, container, isHost ? 'host' : 'own');
  const id = parked?.id ?? context.sandboxId ?? context.generate.id();
  const bare: Sandbox = {
    id,
    containerId: container.id,
    kind: isHost ? 'host' : 'own',
    path: isHost ? '' : (parked?.path ?? context.namespacePath(id)),
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
  const attachments = attach(view, { container, sandbox: bare }, context);
  const member = memberOf(container);
  const all = withWayOut(view, { member, sandbox: bare, attachments }, context);
  const sandbox = complete(view, { container, sandbox: bare, attachments: all }, context);
  const remembered = rememberEndpoints(view, container, attachments);
  return {
    sandbox,
    ...(parked && { parked }),
    changes: [
      ...(parked ? handOver(view, parked, container) : []),
      { table: 'sandboxes', put: sandbox },
      ...all.map(({ endpoint }): Change => ({ table: 'endpoints', put: endpoint })),
      { table: 'containers', put: { ...remembered, sandboxId: id } },
    ],
  };
}

/** A place in each network that the container joins. */
function attach(
  view: View,
  { container, sandbox }: { readonly container: Container; readonly sandbox: Sandbox },
  context: SandboxContext,
): readonly Attachment[] {
  const attachments: Attachment[] = [];
  for (const spec of joinedBy(view, container)) {
    const network = findNetwork(view, spec.network);
    const siblings = attachments.map(({ endpoint }) => endpoint);
    const place = { sandbox, siblings, occupied: namesOfOthers(container, spec) };
    attachments.push({
      network,
      endpoint: makeEndpoint(view, { member: memberOf(container), network, spec, ...place }, context),
    });
  }
  return attachments;
}

/**
 * Endpoint specs of the networks that a container joins at its start. With `--bridge none` there is no default
 * network, and containers on it have the loopback link alone, as in Docker.
 */
export const joinedBy = (view: View, { networks }: Pick<Container, 'networks'>): readonly Membership[] =>
  networks.filter(({ network }) => network !== defaultNetwork || view.networkByName(defaultNetwork));

/** Give a running container's sandbox one more endpoint. */
export function connectSandbox(
  view: View,
  request: { readonly container: Container; readonly sandbox: Sandbox; readonly spec: EndpointSpec },
  context: SandboxContext,
): { readonly endpoint: Endpoint; readonly sandbox: Sandbox; readonly changes: readonly Change[] } {
  const { container, sandbox, spec } = request;
  const network = findNetwork(view, spec.network);
  const siblings = view.endpointsOfSandbox(sandbox.id);
  const member = memberOf(container);
  const endpoint = makeEndpoint(view, { member, network, spec, sandbox, siblings }, context);
  const all = [...attachmentsOf(view, siblings), { network, endpoint }];
  const attachments = withWayOut(view, { member, sandbox, attachments: all }, context);
  const completed = complete(view, { container, sandbox, attachments }, context);
  const changes = [
    ...endpointChanges(siblings, attachments),
    { table: 'sandboxes', put: completed } as const,
  ];
  return { endpoint, sandbox: completed, changes };
}

/** Take one endpoint away; gateway and ports move to another network if they must. */
export function disconnectSandbox(
  view: View,
  request: { readonly container: Container; readonly sandbox: Sandbox; readonly endpoint: Endpoint },
  context: SandboxContext,
): { readonly sandbox: Sandbox; readonly changes: readonly Change[] } {
  const { container, sandbox, endpoint } = request;
  const before = view.endpointsOfSandbox(sandbox.id);
  const rest = attachmentsOf(
    view,
    before.filter(({ id }) => id !== endpoint.id),
  );
  const attachments = withWayOut(view, { member: memberOf(container), sandbox, attachments: rest }, context);
  const completed = complete(view, { container, sandbox, attachments, isLeaving: true }, context);
  return {
    sandbox: completed,
    changes: [...endpointChanges(before, attachments), { table: 'sandboxes', put: completed }],
  };
}

/** Removals, then additions and changes. */
function endpointChanges(before: readonly Endpoint[], attachments: readonly Attachment[]): readonly Change[] {
  const after = attachments.map(({ endpoint }) => endpoint);
  const gone = before.filter(({ id }) => !after.some((one) => one.id === id));
  const come = after.filter((one) => !before.includes(one));
  return [
    ...gone.map(({ id }): Change => ({ table: 'endpoints', remove: id })),
    ...come.map((put): Change => ({ table: 'endpoints', put })),
  ];
}

/** Renames a container's endpoints, and with them its DNS names. */
export function renameEndpoints(view: View, container: Container, name: string): readonly Change[] {
  const sandbox = view.sandboxOfContainer(container.id);
  if (!sandbox) return [];
  const asked = view.endpointsOfSandbox(sandbox.id).filter((endpoint) => !isWayOut(endpoint));
  return asked.map((endpoint): Change => {
    const renamed = { ...container, name };
    const network = view.get('networks', endpoint.networkId);
    return {
      table: 'endpoints',
      put: {
        ...endpoint,
        name,
        dnsNames: network ? dnsNamesOf(memberOf(renamed), network, endpoint.spec) : [],
      },
    };
  });
}

/** The endpoints with their networks. */
export const attachmentsOf = (view: View, endpoints: readonly Endpoint[]): Attachment[] =>
  endpoints.flatMap((endpoint) => {
    const network = view.get('networks', endpoint.networkId);
    return network ? [{ endpoint, network }] : [];
  });

interface Incomplete {
  /** Absent for a namespace that no container is in: it publishes nothing. */
  readonly container?: Container;
  readonly sandbox: Sandbox;
  readonly attachments: readonly Attachment[];
  readonly isLeaving?: boolean;
  readonly isFollowing?: boolean;
}

/**
 * Derives gateways, published ports and the need of the resolver from the endpoints. Throws
 * PORT_ALLOCATED and PORTS_EXHAUSTED.
 */
export function complete(
  view: View,
  { container, sandbox, attachments, isLeaving = false, isFollowing = false }: Incomplete,
  context: SandboxContext,
): Sandbox {
  const gateways = gatewaysOf(view, attachments);
  const carriers = portCarriers(attachments, gateways, {
    ...{ drivers: view.drivers, bindAddress: context.bindAddress },
  });
  const { ports: before, waitingPorts: waiting = [], ...rest } = sandbox;
  const ports = container
    ? choosePorts(view, { container, carriers, before, waiting, isLeaving, isFollowing }, context)
    : [];
  const waitingPorts = container ? stillWaiting(container, { ports, had: [...before, ...waiting] }) : [];
  return {
    ...rest,
    ...gateways,
    ports,
    ...(waitingPorts.length > 0 && { waitingPorts }),
    resolver:
      sandbox.kind !== 'host' && (sandbox.resolver || attachments.some(({ network }) => !network.predefined)),
  };
}

const gatewaysOf = ({ drivers }: View, attachments: readonly Attachment[]) => ({
  gateway4: chooseGateway(attachments, { family: 4, drivers }),
  gateway6: chooseGateway(attachments, { family: 6, drivers }),
});

/** Ports for more specs of a container that is there. Throws as `complete`. */
export function portsFor(
  view: View,
  { container, sandbox, specs }: PortsWanted,
  context: SandboxContext,
): readonly PortMapping[] {
  const attachments = attachmentsOf(view, view.endpointsOfSandbox(sandbox.id));
  const { drivers } = view;
  const carriers = portCarriers(attachments, sandbox, { drivers, bindAddress: context.bindAddress });
  return chooseMore(view, { container, carriers, specs, before: sandbox.ports }, context);
}

interface PortsWanted {
  readonly container: Container;
  readonly sandbox: Sandbox;
  readonly specs: readonly PortSpec[];
}

/** Keeps random and chosen values for the next start. */
function rememberEndpoints(view: View, container: Container, attachments: readonly Attachment[]): Container {
  const joined = joinedBy(view, container);
  const networks = container.networks.map((spec) => {
    const attachment = attachments[joined.indexOf(spec)];
    return attachment ? remembering(spec, attachment.endpoint) : spec;
  });
  return { ...container, networks };
}

/** Names of interfaces that other networks of the container ask for, or had before. */
const namesOfOthers = ({ networks }: Container, spec: Membership): readonly string[] =>
  networks
    .filter((other) => other !== spec)
    .map((other) => parseInterfaceName(other) || (other.kept?.ifname ?? ''))
    .filter(Boolean);

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

export const netSysctlsOf = ({ hostConfig }: Container): Record<string, string> =>
  Object.fromEntries(Object.entries(hostConfig.Sysctls ?? {}).filter(([key]) => key.startsWith('net.')));
