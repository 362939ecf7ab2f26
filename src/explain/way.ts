/** Causes on the way, where no rule dropped the packet and no record differs. */
import type { Network } from '../model/network.ts';
import type { View } from '../model/tables.ts';
import type { Cause } from './causes.ts';
import { placeOf, tunnelPort } from './ends.ts';
import type { Evidence, Passage } from './evidence.ts';

/** Somebody else answers for the receiver's address. */
export function claimantCause({ claimants, rightfulAnswered, address, to }: Evidence): Cause | undefined {
  const [first] = claimants;
  if (!first) return undefined;
  const who =
    first.container === '' ? `somebody else (${first.mac})` : `container ${first.container} (${first.mac})`;
  const cure =
    first.container === ''
      ? `find the holder of ${first.mac} and take ${address} from it`
      : `seaway exec ${first.container} ip address, and remove ${address} there`;
  if (first.holds ?? rightfulAnswered)
    return {
      ...{ code: 'duplicate-address', at: 'its network', cure },
      sentence: `${address} is not only ${to.name}'s: ${who} has it too`,
    };
  return {
    ...{ code: 'foreign-neighbour', at: 'its network', cure },
    sentence: `${who} answers for ${address}, which is ${to.name}'s`,
  };
}

/** Small packets pass and large ones vanish. */
export function mtuCause({ largeVanish, from, to }: Evidence): Cause | undefined {
  if (!largeVanish) return undefined;
  const { size, link, mtu } = largeVanish;
  const narrow = link === '' ? '' : `: ${link} takes ${mtu} bytes`;
  return {
    ...{ code: 'mtu', at: link === '' ? 'the way' : link },
    sentence: `packets of ${size} bytes from ${from.name} do not arrive at ${to.name}, smaller ones do${narrow}`,
    cure:
      link === ''
        ? 'create the network with a smaller MTU: -o com.docker.network.driver.mtu=1400'
        : `give every link of the way the same MTU: ip link set ${link} mtu ${size}`,
  };
}

/** An address of a network that nobody has. */
export function nobodyCause({ to, address, result }: Evidence): Cause | undefined {
  if (to.kind !== 'nobody' || result === 'connected' || result === 'answered') return undefined;
  return {
    ...{ code: 'foreign-address', at: `network ${to.network.name}` },
    sentence: `no container has ${address}, an address of network ${to.network.name}`,
    cure: `seaway network inspect ${to.network.name} shows who is on it; names follow addresses, addresses do not`,
  };
}

export function silentCause(evidence: Evidence): Cause | undefined {
  return (
    trackingCause(evidence) ??
    forwardingCause(evidence) ??
    filterCause(evidence) ??
    tunnelCause(evidence) ??
    routeCause(evidence)
  );
}

const seen = ({ passages }: Evidence, wanted: Partial<Passage>): boolean =>
  passages.some((each) =>
    Object.entries(wanted).every(([key, value]) => each[key as keyof Passage] === value),
  );

/** Its link on the host is the way to its containers. */
const isOnHost = (view: View, { driver }: Network): boolean =>
  view.drivers.find(driver).forwarding !== undefined;

/** The host sends to the container's subnet by a link of somebody else. */
export function hiddenCause({ view, to, from, host }: Evidence): Cause | undefined {
  if (to.kind === 'container' && host.receiverRefused !== '')
    return {
      ...{ code: 'subnet-hidden', at: 'this host' },
      sentence: `the host's routes let nothing through to ${to.name} (${host.receiverRefused}), as a blackhole or unreachable route does`,
      cure: 'ip route show table all; remove the route that covers its subnet',
    };
  const hidden = (end: typeof to, link: string): Cause | undefined => {
    if (end.kind !== 'container' || link === '') return undefined;
    const networks = end.endpoints.flatMap(({ networkId }) => view.get('networks', networkId) ?? []);
    // networks without a link on the host are reached in other ways
    const [network] = networks.filter((each) => each.link !== '');
    if (!network || networks.some((each) => each.link === link) || !isOnHost(view, network)) return undefined;
    return {
      ...{ code: 'subnet-hidden', at: 'this host' },
      sentence: `the host's routes send the subnet of network ${network.name} out by ${link}, as a VPN's do`,
      cure: `ip route show table all dev ${link}; remove that route, or create ${network.name} with another --subnet`,
    };
  };
  return hidden(to, host.linkToReceiver) ?? hidden(from, host.linkToSender);
}

function trackingCause({ host }: Evidence): Cause | undefined {
  if (host.mostTracked === 0 || host.tracked < host.mostTracked) return undefined;
  return {
    ...{ code: 'conntrack-full', at: 'this host' },
    sentence: `the table of tracked connections is full (${host.tracked} of ${host.mostTracked})`,
    cure: `sysctl -w net.netfilter.nf_conntrack_max=${host.mostTracked * 2}`,
  };
}

/** It has to be forwarded by the host, which got it. */
const stoppedOnHost = (evidence: Evidence): boolean =>
  seen(evidence, { place: 'host', hook: 'prerouting', isAnswer: false }) &&
  !seen(evidence, { place: 'host', hook: 'forward', isAnswer: false }) &&
  !seen(evidence, { place: 'host', hook: 'input', isAnswer: false }) &&
  !seen(evidence, { place: 'receiver', hook: 'prerouting', isAnswer: false });

function forwardingCause(evidence: Evidence): Cause | undefined {
  const { closed } = evidence.host;
  if (closed === '' || !stoppedOnHost(evidence)) return undefined;
  const all = evidence.family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding';
  // with slashes, since names of links may have dots
  const key = closed === 'all' ? all : `net/ipv${evidence.family}/conf/${closed}/forwarding`;
  const what = closed === 'all' ? 'packets' : `packets that arrive by ${closed}`;
  return {
    ...{ code: 'forwarding-off', at: 'this host' },
    sentence: `the host forwards no ${what} (${key} is 0)`,
    cure: `sysctl -w ${key}=1`,
  };
}

function filterCause(evidence: Evidence): Cause | undefined {
  const { host, passages } = evidence;
  if (host.reversePathFilter === 0 || !stoppedOnHost(evidence)) return undefined;
  const { from = '', source = '' } = passages.find((each) => each.place === 'host' && !each.isAnswer) ?? {};
  return {
    ...{ code: 'rp-filter', at: 'this host' },
    sentence: `the reverse path filter of ${from || 'the link'} drops packets from ${source}, to which the host has another way`,
    // with slashes, since names of links may have dots
    cure: `sysctl -w net/ipv4/conf/${from || 'all'}/rp_filter=2`,
  };
}

function tunnelCause(evidence: Evidence): Cause | undefined {
  const { view, to, echoed, result, address, looked } = evidence;
  if (to.kind !== 'peer' || echoed || result !== 'silent') return undefined;
  const host = to.node?.name ?? to.peer.nodeId;
  if (looked?.neighbourAnswers)
    return {
      ...{ code: 'no-answer', at: placeOf(to) },
      sentence: `${to.name} on host ${host} does not answer at ${address}, and ${looked.neighbourAnswers} on the same host does: the tunnel works`,
      cure: `look on ${host}: seaway doctor, and the network of ${to.name}`,
    };
  const port = tunnelPort(view, evidence);
  return {
    ...{ code: 'underlay-blocked', at: `between this host and ${host}` },
    sentence: `nothing comes back through the tunnel to host ${host}: port ${port} is probably blocked between the hosts`,
    cure: `let ${port} pass between the hosts, in both directions`,
  };
}

const routeErrors: Readonly<Record<string, string>> = {
  ENETUNREACH: 'has no route',
  EHOSTUNREACH: 'has no way',
  EADDRNOTAVAIL: 'has no address to send from',
  EACCES: 'is not permitted to send',
  EPERM: 'is not permitted to send',
  EINVAL: 'cannot send',
};

function routeCause({ from, address, noRoute, reason, strangeGateway }: Evidence): Cause | undefined {
  if (strangeGateway)
    return {
      ...{ code: 'route-missing', at: placeOf(from) },
      sentence: `${from.name} sends to ${address} by ${strangeGateway.gateway}, not by its network's gateway ${strangeGateway.wanted}`,
      cure: `put the route back in ${from.name}: ip route replace default via ${strangeGateway.wanted}`,
    };
  const problem = routeErrors[noRoute] ?? (reason === 'ENETUNREACH' ? routeErrors[reason] : undefined);
  if (problem === undefined) return undefined;
  const name = from.kind === 'container' ? from.name : 'this host';
  return {
    ...{ code: 'route-missing', at: placeOf(from) },
    sentence: `${name} ${problem} to ${address} (${noRoute || reason})`,
    cure:
      from.kind === 'container'
        ? `seaway restart ${from.name}, or connect it to a network that leads there`
        : 'ip route',
  };
}
