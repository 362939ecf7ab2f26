/** How the host forwards for a network: the packet filter and published ports follow from it. */

import type { ByFamily } from '../net/family.ts';
import type { PublishPolicy } from './publish-policy.ts';

/**
 * How a network meets the world (`com.docker.network.bridge.gateway_mode_ipv4` and `_ipv6`).
 * `nat`: addresses are hidden, published ports are the only way in. `nat-unprotected`: hidden, but all
 * ports are open to hosts with a route there. `routed`: nothing is rewritten, published ports are open.
 * `isolated`: internal, and the host has no address on it.
 */
export type GatewayMode = 'nat' | 'nat-unprotected' | 'routed' | 'isolated';

export interface Forwarding {
  /** Endpoints of the network may talk to each other. */
  readonly icc: boolean;
  /** Whether outgoing packets get an address of the host. */
  readonly masquerade: boolean;
  readonly mode: ByFamily<GatewayMode>;
  /** The address of the host that leaving packets get; '' for that of the outgoing link. */
  readonly source: ByFamily<string>;
  /** Links of the host whose packets may go straight to published ports. */
  readonly trusted: readonly string[];
  /** MTU of its endpoints' links; 0: that of the uplink. */
  readonly mtu: number;
  /** Where ports are published that name no address; '' where the network leaves it to the engine. */
  readonly binding: ByFamily<string>;
  /** Of its published ports, where the network says so. */
  readonly policy?: PublishPolicy;
}
