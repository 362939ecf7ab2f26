/**
 * WireGuard between the hosts of a cluster, for its encrypted networks: one link on each host, a peer for each host that is on
 * one of the same networks.
 * The tunnels of these networks run between addresses that only this link has. Pure.
 */
import { createHash } from 'node:crypto';
import { formatAddress, joinHostPort, parseAddress } from '../net/address.ts';
import type { NetworkMembers } from './driver.ts';
import type { Network } from './network.ts';
import { dataAddress, type Node, nodeHere, tunnelFamily } from './node.ts';
import type { View } from './tables.ts';

/** UDP port of WireGuard; Docker's gossip has it, which this engine lacks. */
export const wireguardPort = 7946;

/** Addresses of all hosts are in here, a unique local prefix (RFC 4193). */
export const secureRange = 'fd5e:a3a1:7e11::/48';

export interface SecurePeer {
  /** Public, base64. */
  readonly key: string;
  /** The key that it is about to have. */
  readonly next?: string;
  readonly endpoint: string;
  /** Its only address, without prefix length. */
  readonly address: string;
}

export interface SecureTunnels {
  /** Name of the link on the host. */
  readonly link: string;
  readonly address: string;
  readonly port: number;
  readonly mtu: number;
  readonly peers: readonly SecurePeer[];
}

/** Follows from the id alone, so that nobody has to give it: 80 bits do not meet by chance. */
export function secureAddress(nodeId: string): string {
  const digits = createHash('sha256').update(nodeId).digest('hex').slice(0, 20);
  const groups = digits.match(/..../g) ?? [];
  return formatAddress(parseAddress(`fd5e:a3a1:7e11:${groups.join(':')}`));
}

/** Whether a text is a public key of WireGuard: 32 bytes as base64. */
const isKey = (text: string | undefined): text is string =>
  text !== undefined && /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(text);

/** Ends of the tunnels of encrypted networks, by id of the node; without nodes that have no key. */
export const secureEnds = (nodes: NonNullable<NetworkMembers['nodes']>): ReadonlyMap<string, string> =>
  new Map(nodes.flatMap(({ id, key }) => (isKey(key) ? [[id, secureAddress(id)] as const] : [])));

type Looking = Pick<View, 'all' | 'endpointsOfNetwork' | 'peersOfNetwork'>;

/** Encrypted networks that endpoints of this host are on. */
const usedNetworks = (view: Looking): readonly Network[] =>
  Array.from(view.all('networks')).filter(
    ({ id, overlay }) => overlay?.encrypted === true && view.endpointsOfNetwork(id).length > 0,
  );

/** Other hosts that are on an encrypted network with this one. */
export function secureHosts(view: Looking): readonly Node[] {
  const ids = new Set(
    usedNetworks(view).flatMap(({ id }) => view.peersOfNetwork(id).map(({ nodeId }) => nodeId)),
  );
  return Array.from(view.all('nodes')).filter(({ id, here }) => !here && ids.has(id));
}

/** Undefined where no endpoint of this host is on an encrypted network. */
export function secureTunnels(view: Looking): SecureTunnels | undefined {
  const here = nodeHere(view.all('nodes'));
  if (!here || usedNetworks(view).length === 0) return undefined;
  const family = tunnelFamily([here]);
  return {
    link: secureLink(here),
    address: secureAddress(here.id),
    port: wireguardPort,
    mtu: here.mtu - (family === 4 ? 60 : 80),
    peers: secureHosts(view).flatMap((node) => {
      const to = dataAddress(node, family);
      const { key, nextKey } = node;
      if (!isKey(key) || to === '') return [];
      const next = isKey(nextKey) && nextKey !== key ? { next: nextKey } : {};
      return [{ key, ...next, endpoint: joinHostPort(to, wireguardPort), address: secureAddress(node.id) }];
    }),
  };
}

/** The program of WireGuard without the kernel's finds its links by name, wherever they are. */
export const secureLink = ({ id }: Pick<Node, 'id'>): string => `wg-${id.slice(0, 12)}`;

/**
 * In the form that `wg syncconf` reads (wg(8)). A peer's next key has no address yet: its host can begin to use it before this
 * one knows.
 */
export const wireguardConfig = ({ port, peers }: SecureTunnels, privateKey: string): string =>
  [
    `[Interface]\nPrivateKey = ${privateKey}\nListenPort = ${port}\n`,
    ...peers.flatMap(({ key, next, endpoint, address }) => [
      // a host behind NAT is reached as long as it says something (wg(8) names 25 seconds)
      `[Peer]\nPublicKey = ${key}\nEndpoint = ${endpoint}\nAllowedIPs = ${address}/128\nPersistentKeepalive = 25\n`,
      ...(next ? [`[Peer]\nPublicKey = ${next}\nEndpoint = ${endpoint}\n`] : []),
    ]),
  ].join('\n');

/**
 * Whether two texts of `wg` mean the same link. The order counts for nothing, and an endpoint neither: WireGuard follows a peer
 * whose address changes.
 */
export const isSameWireguard = (one: string, other: string): boolean =>
  JSON.stringify(sectionsOf(one)) === JSON.stringify(sectionsOf(other));

const sectionsOf = (text: string): readonly string[] =>
  text
    .split(/^\[/m)
    .map((section) => {
      const [kind = '', ...lines] = section.split('\n').map((line) => line.trim());
      return [kind, ...lines.filter((line) => line !== '' && !/^endpoint\b/i.test(line)).toSorted()].join(
        '\n',
      );
    })
    .toSorted();
