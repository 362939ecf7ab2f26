/** What is observed of the way, apart from the probe. */
import { messageOf } from '../../errors.ts';
import { type End, endOfContainer, type LocalEnd } from '../../explain/ends.ts';
import type { Claimant, Evidence, HostFacts, Listener, Passage } from '../../explain/evidence.ts';
import type { PendingChange } from '../../explain/pending.ts';
import type { Target } from '../../explain/question.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { Network } from '../../model/network.ts';
import { gatewayOf } from '../../model/pools.ts';
import type { PortMapping } from '../../model/sandbox.ts';
import { bare } from '../../net/address.ts';
import { type Family, familyOf } from '../../net/family.ts';
import { pendingChange } from '../compare.ts';
import { type Explaining, inspectorOf, namespaceOf } from './explaining.ts';

/** What is known of an attempt before it is looked at. */
export interface Known {
  readonly from: End;
  readonly receiver: End;
  readonly target: Target;
  readonly address: string;
  readonly mapping?: PortMapping;
  readonly family: Family;
  /** Networks of both ends; empty where the host routes between them. */
  readonly common: readonly { readonly network: Network; readonly from: Endpoint }[];
}

/** Undefined where the receiver has no namespace on this host. */
export async function listenersOf(core: Explaining, receiver: End): Promise<readonly Listener[] | undefined> {
  const namespace = namespaceOf(core, receiver);
  return namespace && inspectorOf(core, namespace).listening();
}

/** Milliseconds in which everybody who has the address answers. */
const arpPatience = 150;

/** Who else has the receiver's address: asked where the receiver's neighbours are. */
export async function claimantsOf(
  core: Explaining,
  { from, receiver, address, common }: Pick<Known, 'from' | 'receiver' | 'address' | 'common'>,
): Promise<{ readonly claimants: readonly Claimant[]; readonly rightfulAnswered: boolean }> {
  const none = { claimants: [], rightfulAnswered: false };
  const rightful = macOf(receiver, address);
  if (rightful === '' || familyOf(address) !== 4) return none;
  const [here] = common;
  const sender = here && namespaceOf(core, from);
  const link = here ? here.from.ifname : linkOnHost(core, receiver, address);
  const namespace = sender ?? core.kernel.host;
  if (link === '' || (from.kind === 'container' && from === receiver)) return none;
  const macs = await inspectorOf(core, namespace).answering({ link, address, limit: arpPatience });
  // a container may give its link another one
  const inside = receiver.kind === 'container' ? namespaceOf(core, receiver) : undefined;
  const own = new Set([rightful, ...(inside?.route.listLinks().map(({ mac }) => mac) ?? [])]);
  const others = macs.filter((mac) => !own.has(mac));
  const claimants = others.map((mac) => claimantOf(core, mac, address));
  return { claimants, rightfulAnswered: others.length < macs.length };
}

function macOf(receiver: End, address: string): string {
  if (receiver.kind === 'peer') return receiver.peer.mac;
  if (receiver.kind !== 'container') return '';
  return (
    receiver.endpoints.find(({ addresses }) => addresses.some((each) => bare(each) === address))?.mac ?? ''
  );
}

function linkOnHost({ model }: Explaining, receiver: End, address: string): string {
  if (receiver.kind !== 'container') return '';
  const endpoint = receiver.endpoints.find(({ addresses }) =>
    addresses.some((each) => bare(each) === address),
  );
  const network = endpoint && model.get('networks', endpoint.networkId);
  return network && model.drivers.find(network.driver).forwarding ? network.link : '';
}

function claimantOf(core: Explaining, mac: string, address: string): Claimant {
  const container = holderOf(core, mac);
  const found = container === '' ? undefined : core.model.containerByName(container);
  const namespace = found && namespaceOf(core, endOfContainer(core.model, found));
  if (!namespace) return { mac, container };
  const holds = namespace.route.listAddresses().some((each) => bare(each.address) === address);
  return { mac, container, holds };
}

/** The sender's own table leads to somebody else. */
export function mistakenNeighbour(
  core: Explaining,
  { from, receiver, address, common }: Known,
): readonly Claimant[] {
  const [here] = common;
  const sender = namespaceOf(core, from);
  const rightful = macOf(receiver, address);
  if (!here || !sender || rightful === '') return [];
  const known = inspectorOf(core, sender).neighbours(here.from.ifname);
  const entry = known.find((each) => each.address === address);
  if (!entry || entry.mac === '' || entry.mac === rightful) return [];
  return [{ ...claimantOf(core, entry.mac, address), holds: false }];
}

function holderOf({ model }: Explaining, mac: string): string {
  for (const endpoint of model.all('endpoints')) if (endpoint.mac === mac) return endpoint.name;
  for (const peer of model.all('peers')) if (peer.mac === mac) return peer.name;
  return '';
}

/** Differences between records and kernel on the way. A scope that cannot be compared counts as a namespace that is missing. */
export async function differencesOf(
  core: Explaining,
  { from, receiver, common }: Known,
): Promise<readonly PendingChange[]> {
  const ends = [from, receiver].filter((end): end is LocalEnd => end.kind === 'container');
  const onWay = new Set(common.map(({ network }) => network.id));
  const endpoints = ends.flatMap((end) =>
    end.endpoints.filter(({ networkId }) => onWay.size === 0 || onWay.has(networkId)),
  );
  const links = new Set(endpoints.flatMap(({ ifname, hostLink }) => [ifname, hostLink]));
  const changes: PendingChange[] = [];
  for (const { sandbox } of ends)
    if (sandbox && sandbox.kind !== 'host') {
      const found = await compare(core, `sandbox:${sandbox.id}`);
      const onTheWay = found.filter((change) => isOnWay(change, links));
      changes.push(...onTheWay.map((change) => withAddresses(core, { sandboxId: sandbox.id, change })));
    }
  for (const id of new Set(endpoints.map(({ networkId }) => networkId)))
    changes.push(...(await compare(core, `network:${id}`)));
  return changes;
}

/** An address that is missing, with those that the link has in place of it. */
function withAddresses(
  core: Explaining,
  { sandboxId, change }: { readonly sandboxId: string; readonly change: PendingChange },
): PendingChange {
  const [name = '', address = ''] = change.object.split('/');
  if (change.kind !== 'address' || change.action !== 'make' || change.namespace !== sandboxId) return change;
  const { route } = core.reconciler.namespaceOf(sandboxId);
  const link = route.findLink(name);
  const now = link ? route.listAddresses(link.index).filter(({ scope }) => scope !== 'link') : [];
  const observed = now
    .map((each) => each.address)
    .filter((each) => familyOf(bare(each)) === familyOf(address))
    .join(', ');
  return { ...change, differences: [{ field: 'addresses', desired: change.object, observed }] };
}

export const firewallDifferences = (core: Explaining): Promise<readonly PendingChange[]> =>
  compare(core, 'firewall');

async function compare({ reconciler }: Explaining, scope: string): Promise<readonly PendingChange[]> {
  try {
    return (await reconciler.compare(scope)).map(pendingChange);
  } catch (error) {
    const object = messageOf(error);
    return [{ action: 'make', kind: 'namespace', namespace: 'host', object, differences: [] }];
  }
}

/** Not of another network's interface. */
function isOnWay({ kind, object }: PendingChange, links: ReadonlySet<string>): boolean {
  if (kind === 'link' || kind === 'address' || kind === 'neighbour')
    return links.has(object.split('/')[0] ?? '');
  if (kind !== 'sysctl') return true;
  return /forward|disable_ipv6/.test(object) && object.split('/').some((part) => links.has(part));
}

export function hostFacts(
  core: Explaining,
  { from, receiver, family, mapping, address, common, passages }: Known & Pick<Evidence, 'passages'>,
): HostFacts {
  const { host } = core.kernel;
  const number = (key: string): number => Number(host.readSysctl(key) ?? 0);
  const isRouted = common.length === 0;
  const linkTo = (to: string | undefined): string =>
    isRouted && to !== undefined ? inspectorOf(core, host).routeTo({ to }).link : '';
  const receiverAddress = mapping?.address ?? address;
  const toReceiver = isRouted && inspectorOf(core, host).routeTo({ to: receiverAddress });
  const isThere = receiver.kind === 'container' && toReceiver;
  return {
    closed: closedLink(core, family, passages),
    receiverRefused: isThere ? isThere.refused : '',
    tracked: number('net.netfilter.nf_conntrack_count'),
    mostTracked: number('net.netfilter.nf_conntrack_max'),
    linkToReceiver: isThere ? isThere.link : '',
    linkToSender: linkTo(addressOf(from, family)),
    reversePathFilter: family === 4 ? filterOf(core, passages) : 0,
  };
}

export const addressOf = (end: End, family: Family): string | undefined =>
  end.kind === 'container'
    ? end.endpoints.flatMap(({ addresses }) => addresses.map(bare)).find((each) => familyOf(each) === family)
    : undefined;

/** Of the links by which the packet and its answer arrived, the one from which nothing is forwarded. */
function closedLink({ kernel: { host } }: Explaining, family: Family, passages: readonly Passage[]): string {
  const arrived = passages.filter(({ place, hook }) => place === 'host' && hook === 'prerouting');
  const links = family === 4 ? arrived.map(({ from }) => from).filter((each) => each !== '') : [];
  const isClosed = (link: string): boolean =>
    host.readSysctl(`net/ipv${family}/conf/${link}/forwarding`) === '0';
  return ['all', ...links].find(isClosed) ?? '';
}

/** The higher of two settings is in effect. */
function filterOf({ kernel: { host } }: Explaining, passages: readonly Passage[]): number {
  const arrived = passages.find(
    ({ place, hook, isAnswer }) => place === 'host' && hook === 'prerouting' && !isAnswer,
  );
  if (!arrived || arrived.from === '') return 0;
  const of = (link: string): number => Number(host.readSysctl(`net/ipv4/conf/${link}/rp_filter`) ?? 0);
  return Math.max(of('all'), of(arrived.from));
}

/** Milliseconds for a large echo. */
const largePatience = 250;
/** Larger links, such as loopback, are not tried. */
const largest = 9216;

/** Whether packets of the sender's own MTU vanish where small ones are answered. Tried twice. */
export async function largePackets(core: Explaining, known: Known): Promise<Evidence['largeVanish']> {
  const { from, address } = known;
  const sender = namespaceOf(core, from);
  if (!sender) return undefined;
  const inspector = inspectorOf(core, sender);
  const { link, isLocal } = inspector.routeTo({ to: address });
  const size = sender.route.findLink(link)?.mtu ?? 0;
  if (isLocal || size === 0 || size > largest) return undefined;
  for (let tries = 0; tries < 2; tries++) {
    const probe = inspector.openProbe({ to: address, protocol: 'icmp', port: 0, size, limit: largePatience });
    const { result } = await probe.send().finally(() => probe.close());
    // an error of a router tells the sender, which then sends smaller packets
    if (result !== 'silent') return undefined;
  }
  return { size, ...narrowest(core, known, size) };
}

/** The first link of the way that takes less. */
function narrowest(
  core: Explaining,
  { from, receiver, common }: Known,
  size: number,
): { readonly link: string; readonly mtu: number } {
  const { host } = core.kernel;
  const endpoints = [from, receiver].flatMap((end) => (end.kind === 'container' ? end.endpoints : []));
  const onHost = endpoints.flatMap(({ hostLink, networkId }) => [
    hostLink,
    core.model.get('networks', networkId)?.link ?? '',
  ]);
  const shared = common.map(({ network }) => network.link);
  for (const name of [...shared, ...onHost]) {
    const mtu = name === '' ? undefined : host.route.findLink(name)?.mtu;
    if (mtu !== undefined && mtu < size) return { link: name, mtu };
  }
  if (receiver.kind === 'container') {
    const inside = namespaceOf(core, receiver);
    for (const { ifname } of receiver.endpoints) {
      const mtu = inside?.route.findLink(ifname)?.mtu;
      if (mtu !== undefined && mtu < size) return { link: ifname, mtu };
    }
  }
  return { link: '', mtu: 0 };
}

/** Why the sender has no route, and a gateway that is not its networks' own. */
export function routeOf(
  core: Explaining,
  { from, address, family }: Known,
): Pick<Evidence, 'noRoute' | 'strangeGateway'> {
  const sender = namespaceOf(core, from);
  if (!sender) return { noRoute: '' };
  const { refused, gateway } = inspectorOf(core, sender).routeTo({ to: address });
  if (from.kind !== 'container' || gateway === '') return { noRoute: refused };
  const gateways = from.endpoints.flatMap(({ networkId, addresses }) => {
    const network = core.model.get('networks', networkId);
    return addresses.flatMap((each) =>
      network && familyOf(each) === family ? (gatewayOf(network, each) ?? []) : [],
    );
  });
  const [wanted] = gateways.map(bare);
  if (wanted === undefined || gateways.some((each) => bare(each) === gateway)) return { noRoute: refused };
  return { noRoute: refused, strangeGateway: { gateway, wanted } };
}
