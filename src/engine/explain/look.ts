/** Looks closely at links, bridges, queues, neighbour tables and routes of the way, where no cause was found. */
import { hasCode } from '../../errors.ts';
import { type End, placeOf } from '../../explain/ends.ts';
import type { Evidence, Looked, NextHop } from '../../explain/evidence.ts';
import type { Namespace } from '../../kernel/kernel.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import { bare } from '../../net/address.ts';
import { type Family, familyOf } from '../../net/family.ts';
import { type Explaining, hostAddresses, inspectorOf, namespaceOf } from './explaining.ts';
import { addressOf, type Known } from './observe.ts';
import { entranceOf } from './probing.ts';

/** The end, its namespace and the links of it that are on the way. */
export interface Stretch {
  readonly at: string;
  readonly end: End | undefined;
  readonly namespace: Namespace;
  readonly links: readonly string[];
}

interface Looking {
  readonly core: Explaining;
  readonly known: Known;
  readonly evidence: Evidence;
  /** The sender's address as the receiver sees it. */
  readonly back: string | undefined;
}

export function look(
  core: Explaining,
  { known, evidence }: { readonly known: Known; readonly evidence: Evidence },
): Omit<Looked, 'queues'> {
  const looking: Looking = { core, known, evidence, back: backOf(known, evidence) };
  const hops = hopsOf(looking);
  const back = noRouteBack(looking);
  const ruled = ruledWay(looking);
  return {
    mistaken: hops.flatMap((hop) => mistakenAt(core, hop)),
    unanswered: [...deafLinks(looking, hops), ...hops.flatMap((hop) => unansweredAt(core, hop))],
    ports: portsOf(core, known),
    dead: deadLinks(looking),
    ...(back && { noRouteBack: back }),
    ...(ruled && { ruled }),
    ...(isLoopbackDown(looking) && { loopbackDown: true }),
  };
}

const isRouted = ({ common }: Known): boolean => common.length === 0;

/** Endpoints of an end that are on the way. */
function endpointsOf({ common }: Known, end: End): readonly Endpoint[] {
  if (end.kind !== 'container') return [];
  const onWay = new Set(common.map(({ network }) => network.id));
  return end.endpoints.filter(({ networkId }) => onWay.size === 0 || onWay.has(networkId));
}

/** Namespaces of the way on this host, with their links. */
export function stretchesOf(
  core: Explaining,
  { known, evidence }: { readonly known: Known; readonly evidence: Evidence },
): readonly Stretch[] {
  const { host } = core.kernel;
  const ends = [known.from, known.receiver];
  const seen = evidence.passages
    .filter(({ place }) => place === 'host')
    .flatMap(({ from, to }) => [from, to]);
  const onHost = ends.flatMap((end) =>
    endpointsOf(known, end).flatMap(({ hostLink, networkId }) => [
      hostLink,
      core.model.get('networks', networkId)?.link ?? '',
    ]),
  );
  const outer = [wayOut(core, known), wayIn(core, known)];
  const links = new Set([...onHost, ...seen, ...outer].filter((link) => link !== ''));
  const inside = ends.flatMap((end): Stretch[] => {
    const namespace = namespaceOf(core, end);
    if (!namespace || namespace === host) return [];
    const names = endpointsOf(known, end).map(({ ifname }) => ifname);
    return [{ at: placeOf(end), end, namespace, links: names }];
  });
  return [{ at: 'this host', end: undefined, namespace: host, links: [...links] }, ...inside];
}

/** The link by which the host sends what goes beyond it; '' where it does not. */
function wayOut(core: Explaining, known: Known): string {
  if (!isRouted(known) || known.receiver.kind !== 'outside') return '';
  return inspectorOf(core, core.kernel.host).routeTo({ to: known.address }).link;
}

const wayIn = (core: Explaining, { from }: Known): string =>
  from.kind === 'outside' ? entranceOf(core, from.address) : '';

function backOf({ from, family, common }: Known, { passages }: Evidence): string | undefined {
  const arrived = passages.find(({ place, isAnswer }) => place === 'receiver' && !isAnswer);
  if (arrived?.source) return arrived.source;
  const [here] = common;
  if (here) return here.from.addresses.map(bare).find((each) => familyOf(each) === family);
  return from.kind === 'outside' ? from.address : addressOf(from, family);
}

interface Hop extends NextHop {
  readonly namespace: Namespace;
}

/** Where a neighbour has to be found, in both directions. */
function hopsOf({ core, known, back }: Looking): readonly Hop[] {
  const { from, receiver, mapping, address, family } = known;
  const hops: Hop[] = [];
  const add = (end: End, to: string | undefined): void => {
    const namespace = namespaceOf(core, end);
    if (!namespace || to === undefined || familyOf(to) !== family) return;
    const { refused, isLocal, gateway, link } = inspectorOf(core, namespace).routeTo({ to });
    if (refused !== '' || isLocal || link === '') return;
    hops.push({ by: end.name, namespace, link, address: gateway || to });
  };
  if (from.kind === 'container') add(from, address);
  if (receiver.kind === 'container') add(receiver, back);
  if (isRouted(known)) {
    const host: End = { kind: 'host', name: 'this host' };
    add(host, mapping?.address ?? address);
    if (from.kind === 'container') add(host, addressOf(from, family));
  }
  return hops;
}

/** Who has an address: MACs on record and in the kernel, and the link. */
interface Holder {
  readonly name: string;
  readonly macs: readonly string[];
  readonly namespace?: Namespace;
  readonly link: string;
}

function holderOf(core: Explaining, address: string): Holder | undefined {
  const { model, kernel } = core;
  for (const endpoint of model.all('endpoints')) {
    if (!endpoint.addresses.some((each) => bare(each) === address)) continue;
    const { ifname, name, mac } = endpoint;
    const namespace = spaceOf(core, endpoint);
    const actual = namespace?.route.findLink(ifname)?.mac ?? '';
    const macs = [mac, actual].filter((each) => each !== '');
    return { name, macs, link: ifname, ...(namespace && { namespace }) };
  }
  for (const { addresses, mac, name } of model.all('peers'))
    if (addresses.some((each) => bare(each) === address)) return { name, macs: [mac], link: '' };
  if (!hostAddresses(core).has(address)) return undefined;
  const { host } = kernel;
  const found = host.route.listAddresses().find((each) => bare(each.address) === address);
  const link = found && host.route.findLinkByIndex(found.link);
  return link && { name: 'this host', macs: [link.mac], namespace: host, link: link.name };
}

/** Undefined where it has none, or it is gone. */
export function spaceOf({ model, reconciler }: Explaining, endpoint: Endpoint): Namespace | undefined {
  if (!model.get('sandboxes', endpoint.sandboxId)) return undefined;
  try {
    return reconciler.namespaceOf(endpoint.sandboxId);
  } catch (error) {
    if (hasCode(error, 'KERNEL')) return undefined;
    throw error;
  }
}

const entryOf = (core: Explaining, { namespace, link, address }: Hop) =>
  inspectorOf(core, namespace)
    .neighbours(link)
    .find((each) => each.address === address);

/** Entries without an answer are removed, so that the next probe asks at once; the kernel by itself asks once a second. */
export function askNeighboursAgain(
  core: Explaining,
  { known, evidence }: { readonly known: Known; readonly evidence: Evidence },
): void {
  const hops = hopsOf({ core, known, evidence, back: backOf(known, evidence) });
  for (const hop of hops) {
    const { namespace, address } = hop;
    const link = namespace.route.findLink(hop.link)?.index;
    if (link !== undefined && entryOf(core, hop)?.failed)
      namespace.route.removeNeighbour({ link, address, mac: '00:00:00:00:00:00' });
  }
}

function mistakenAt(core: Explaining, hop: Hop): Looked['mistaken'] {
  const mac = entryOf(core, hop)?.mac ?? '';
  const { macs = [] } = (mac !== '' && holderOf(core, hop.address)) || {};
  const [rightful] = macs;
  if (rightful === undefined || macs.includes(mac)) return [];
  return [{ by: hop.by, address: hop.address, link: hop.link, mac, rightful }];
}

function unansweredAt(core: Explaining, hop: Hop): Looked['unanswered'] {
  if (!entryOf(core, hop)?.failed) return [];
  const holder = holderOf(core, hop.address);
  return [{ by: hop.by, address: hop.address, link: hop.link, why: holder ? whyDeaf(core, holder) : '' }];
}

/** A link without ARP neither asks nor answers; those of ipvlan have none by design. */
function deafLinks({ core, known }: Looking, hops: readonly Hop[]): Looked['unanswered'] {
  const { model } = core;
  return [known.from, known.receiver].flatMap((end) => {
    const namespace = namespaceOf(core, end);
    const hop = hops.find(({ by }) => by === end.name);
    return endpointsOf(known, end).flatMap(({ networkId, ifname }): Looked['unanswered'] => {
      const network = model.get('networks', networkId);
      const asks = network && (model.drivers.find(network.driver).forwarding || network.overlay);
      if (!namespace || !hop || !asks || !inspectorOf(core, namespace).linkState(ifname)?.noarp) return [];
      const { by, address, link } = hop;
      return [{ by, address, link, why: `ARP is off on link ${ifname} of ${end.name}` }];
    });
  });
}

/** arp_ignore of ip-sysctl.txt: answers to nobody. */
const DEAF = 8;

function whyDeaf(core: Explaining, { name, namespace, link }: Holder): string {
  if (!namespace || link === '') return '';
  if (inspectorOf(core, namespace).linkState(link)?.noarp) return `ARP is off on link ${link} of ${name}`;
  const ignores = (scope: string): number =>
    Number(namespace.readSysctl(`net/ipv4/conf/${scope}/arp_ignore`) ?? 0);
  const scope = [link, 'all'].find((each) => ignores(each) === DEAF);
  return scope === undefined ? '' : `${name} ignores ARP (net.ipv4.conf.${scope}.arp_ignore is ${DEAF})`;
}

function portsOf(core: Explaining, known: Known): Looked['ports'] {
  const { host } = core.kernel;
  const inspector = inspectorOf(core, host);
  return [known.receiver, known.from].flatMap((end) =>
    endpointsOf(known, end).flatMap(({ hostLink, mac, name }): Looked['ports'] => {
      const state = hostLink === '' ? undefined : inspector.linkState(hostLink);
      if (!state || state.master === 0) return [];
      const port = { container: name, link: hostLink, state: state.port, instead: '', holder: '' };
      if (state.port !== 'forwarding' && state.port !== '') return [port];
      const instead = mac === '' ? undefined : inspector.portTowards(state.master, mac);
      if (instead === undefined || instead === hostLink) return [];
      const holder = [...core.model.all('endpoints')].find((each) => each.hostLink === instead);
      return [{ ...port, instead, holder: holder?.name ?? '' }];
    }),
  );
}

function deadLinks({ core, known, evidence }: Looking): Looked['dead'] {
  const { host } = core.kernel;
  const [onHost] = stretchesOf(core, { known, evidence });
  return (onHost?.links ?? []).flatMap((link) => {
    const state = inspectorOf(core, host).linkState(link);
    return state && !(state.up && state.carrier) ? [{ link, up: state.up }] : [];
  });
}

function noRouteBack({ core, known, back }: Looking): Looked['noRouteBack'] {
  const namespace = namespaceOf(core, known.receiver);
  if (known.receiver.kind !== 'container' || !namespace || back === undefined) return undefined;
  if (familyOf(back) !== known.family) return undefined;
  const { refused } = inspectorOf(core, namespace).routeTo({ to: back });
  return refused === '' ? undefined : { to: back, refused };
}

/** Answers that are about the reverse path, not about where the packet goes (`RouteQuestion`). */
const reversePath: readonly string[] = ['EXDEV', 'EINVAL'];

/** The host may send packets of the sender elsewhere than its own (ip-rule(8)). */
function ruledWay({ core, known }: Looking): Looked['ruled'] {
  const { from, mapping, address, family } = known;
  if (!isRouted(known) || from.kind !== 'container') return undefined;
  const [endpoint] = from.endpoints;
  const network = endpoint && core.model.get('networks', endpoint.networkId);
  const source = addressOf(from, family as Family);
  if (!network || network.link === '' || source === undefined) return undefined;
  const inspector = inspectorOf(core, core.kernel.host);
  const to = mapping?.address ?? address;
  const usual = inspector.routeTo({ to });
  const asked = inspector.routeTo({ to, from: source, arrivingBy: network.link });
  if (reversePath.includes(asked.refused)) return undefined;
  if (asked.refused === usual.refused && asked.link === usual.link) return undefined;
  return { refused: asked.refused, link: asked.link, usual: usual.link };
}

function isLoopbackDown({ core, known: { from, address } }: Looking): boolean {
  const namespace = namespaceOf(core, from);
  if (!namespace || from.kind !== 'container') return false;
  const inspector = inspectorOf(core, namespace);
  return inspector.routeTo({ to: address }).isLocal || address.startsWith('127.') || address === '::1'
    ? inspector.linkState('lo')?.up === false
    : false;
}
