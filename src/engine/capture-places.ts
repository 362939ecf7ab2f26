/** Where to capture: the namespaces and links that a user means by a name. */
import { fail } from '../errors.ts';
import type { Namespace } from '../kernel/kernel.ts';
import type { Container } from '../model/container.ts';
import type { Network } from '../model/network.ts';
import { findContainer, findNetwork } from '../model/references.ts';
import type { PortMapping, Protocol, Sandbox } from '../model/sandbox.ts';
import { sandboxOf } from '../model/sharing.ts';
import { familyOf, wildcard } from '../net/family.ts';
import { networkNamespace } from '../objects/namespace-ref.ts';
import type { Core } from './core.ts';

export interface CapturePlace {
  readonly namespace: Namespace;
  /** Of interfaces in the file: `web:` before `eth0`; '' on the host. */
  readonly prefix: string;
  /** Index of the link; 0 for all of the namespace. */
  readonly link: number;
  readonly isBare: boolean;
  readonly promiscuous: boolean;
  /** In addition to what the user asks for; '' for none. */
  readonly filter: string;
  /** Leave out links of the engine: their packets are seen at another place. */
  readonly withoutOwn: boolean;
  /** Id of the container or network with which it ends; '' for none. */
  readonly of: string;
}

type Placing = Pick<Core, 'kernel' | 'model' | 'reconciler'>;

const everything = {
  link: 0,
  isBare: false,
  promiscuous: false,
  filter: '',
  withoutOwn: false,
  of: '',
} as const;

const kinds = ['container', 'network', 'port', 'link'] as const;
type Kind = (typeof kinds)[number];

/** Throws CAPTURE_UNKNOWN, CAPTURE_NOT_UP, CAPTURE_NO_LINK, and what is thrown for a named kind. */
export function placesOf(core: Placing, what: string): readonly CapturePlace[] {
  if (what === 'host') return [{ ...everything, namespace: core.kernel.host, prefix: '' }];
  const [kind = '', ...rest] = what.split(':');
  // a container may be called as a kind is
  const named = rest.length > 0 ? kinds.find((each) => each === kind) : undefined;
  return named ? places[named](core, rest.join(':')) : guessed(core, what);
}

const places: Readonly<Record<Kind, (core: Placing, name: string) => readonly CapturePlace[]>> = {
  container: (core, name) => containerPlaces(core, findContainer(core.model, name)),
  network: (core, name) => networkPlaces(core, findNetwork(core.model, name)),
  port: (core, name) => portPlaces(core, name),
  link: (core, name) => linkPlaces(core, name),
};

/** A container before a network of that name; a number is a published port. */
function guessed(core: Placing, what: string): readonly CapturePlace[] {
  if (/^\d+(\/\w+)?$/.test(what) && !core.model.containerByName(what)) return portPlaces(core, what);
  const container = attempt(() => findContainer(core.model, what));
  if (container) return containerPlaces(core, container);
  const network = attempt(() => findNetwork(core.model, what));
  if (network) return networkPlaces(core, network);
  if (core.kernel.host.route.findLink(what)) return linkPlaces(core, what);
  throw fail('CAPTURE_UNKNOWN', what);
}

function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

function containerPlaces(core: Placing, container: Container): readonly CapturePlace[] {
  const sandbox = sandboxOf(core.model, container);
  if (!sandbox) throw fail('CAPTURE_NOT_UP', container.name);
  return [{ ...everything, ...insideOf(core, sandbox, container.name), of: container.id }];
}

/** A container on the host's network has its links. */
function insideOf(core: Placing, sandbox: Sandbox, name: string): Pick<CapturePlace, 'namespace' | 'prefix'> {
  if (sandbox.kind === 'host') return { namespace: core.kernel.host, prefix: '' };
  return { namespace: core.reconciler.namespaceOf(sandbox.id), prefix: `${name}:` };
}

/** All that passes between the ports of its bridge, and of the bridges beside it for many endpoints. */
function networkPlaces(core: Placing, network: Network): readonly CapturePlace[] {
  if (core.model.drivers.find(network.driver).sharesHost)
    return [{ ...everything, namespace: core.kernel.host, prefix: '' }];
  const inside = network.overlay ? overlayNamespace(core, network) : undefined;
  const namespace = inside ?? core.kernel.host;
  const names = inside ? [overlayBridge] : [network.link, ...core.model.fanouts.loads(network.id).keys()];
  const found = names.flatMap((name) => {
    const link = name === '' ? undefined : namespace.route.findLink(name);
    return link ? [link.index] : [];
  });
  if (found.length === 0) throw fail('CAPTURE_NO_LINK', network.name);
  const prefix = inside ? `${network.name}:` : '';
  return found.map((link) => ({ ...everything, namespace, prefix, link, promiscuous: true, of: network.id }));
}

/** The link of an overlay network in its namespace (`src/drivers/overlay/plan.ts`). */
const overlayBridge = 'br0';

const overlayNamespace = (core: Placing, { id, name }: Network): Namespace => {
  const namespace = attempt(() => core.reconciler.namespaceOf(networkNamespace(id)));
  if (!namespace) throw fail('CAPTURE_NO_LINK', name);
  return namespace;
};

/** Kinds of links whose packets have no header of Ethernet. */
const bareKinds = ['wireguard', 'tun', 'ipip', 'sit', 'gre', 'ip6tnl', 'ppp'];

function linkPlaces({ kernel }: Placing, name: string): readonly CapturePlace[] {
  const link = kernel.host.route.findLink(name);
  if (!link) throw fail('CAPTURE_UNKNOWN', name);
  const isBare = bareKinds.includes(link.type);
  return [{ ...everything, namespace: kernel.host, prefix: '', link: link.index, isBare, promiscuous: true }];
}

/** Both sides of the translation: how it is on the host, and how the container sees it. */
function portPlaces(core: Placing, text: string): readonly CapturePlace[] {
  const [, number = '', protocol = 'tcp'] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  const found = Array.from(core.model.all('sandboxes')).flatMap((sandbox) =>
    sandbox.ports
      .filter((port) => port.hostPort === Number(number) && port.protocol === protocol)
      .map((port) => ({ sandbox, port })),
  );
  if (number === '' || found.length === 0) throw fail('CAPTURE_UNKNOWN', text);
  const host: CapturePlace = {
    ...{ ...everything, namespace: core.kernel.host, prefix: '', withoutOwn: true },
    filter: found.map(({ port }) => hostFilter(port)).join(' or '),
  };
  const bySandbox = Map.groupBy(found, ({ sandbox }) => sandbox);
  const inside = Array.from(bySandbox, ([sandbox, ports]): CapturePlace => {
    const name = core.model.get('containers', sandbox.containerId)?.name ?? sandbox.id.slice(0, 12);
    const filter = ports.map(({ port }) => insideFilter(port)).join(' or ');
    return { ...everything, ...insideOf(core, sandbox, name), filter, of: sandbox.containerId };
  });
  return [host, ...inside];
}

const onPort = (protocol: Protocol, port: number): string => `${protocol} port ${port}`;

/** Of one address of the host, where it is published on one alone. */
function hostFilter({ protocol, hostIP, hostPort }: PortMapping): string {
  const isAny = hostIP === wildcard(familyOf(hostIP));
  return `(${isAny ? '' : `host ${hostIP} and `}${onPort(protocol, hostPort)})`;
}

const insideFilter = ({ protocol, address, containerPort }: PortMapping): string =>
  `(host ${address} and ${onPort(protocol, containerPort)})`;
