/**
 * An endpoint of another node, on a network of the cluster. It has no sandbox here and no container: this host only
 * knows where its frames go and which names lead to it.
 */
export interface Peer {
  /** Of the endpoint, 64 hex digits. */
  readonly id: string;
  readonly networkId: string;
  /** Its node. */
  readonly nodeId: string;
  /** Of its container, as that host calls it. */
  readonly name: string;
  /** All names that resolve to it within its network, as an endpoint's. */
  readonly dnsNames: readonly string[];
  /** With prefix length, in pools of its network; at most one per family. */
  readonly addresses: readonly string[];
  /** Lower case, colons; no other endpoint of the network has it. */
  readonly mac: string;
}
