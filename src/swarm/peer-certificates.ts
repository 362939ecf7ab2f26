/** Certificates by which managers know each other in their store: those of one that manages no more are revoked. Pure. */
import type { PeerCertificate, SwarmChange, SwarmNode, SwarmView } from './records.ts';

/** Also by this one, as long as it is valid. */
export const withPeerCertificate = (
  node: SwarmNode,
  certificate: PeerCertificate,
  now: number,
): SwarmNode => ({
  ...node,
  peerCertificates: [...(node.peerCertificates ?? []).filter(({ until }) => until > now), certificate],
});

/** The change that revokes those of a node that leaves the managers. */
export function revokePeer(
  view: SwarmView,
  { peerCertificates = [] }: SwarmNode,
  now: number,
): SwarmChange[] {
  const [keys] = view.all('keys');
  if (!keys || peerCertificates.length === 0) return [];
  const revokedPeers = [...(keys.revokedPeers ?? []), ...peerCertificates].filter(({ until }) => until > now);
  return [{ table: 'keys', put: { ...keys, revokedPeers } }];
}
