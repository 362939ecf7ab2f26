/** A network, as the engine keeps it. */
import type { Pool } from '../ipam/pool.ts';
import type { Announcing } from './announcing.ts';

/** `O`: the driver's options, whose type the driver alone knows. */
export interface Network<O = unknown> {
  readonly id: string;
  readonly name: string;
  /** RFC 3339 with nanoseconds, UTC. */
  readonly created: string;
  /** `bridge`, `host`, `null`, `macvlan`, ... as `docker network ls` shows it. */
  readonly driver: string;
  readonly scope: 'local' | 'global' | 'swarm';
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ingress: boolean;
  readonly enableIPv4: boolean;
  readonly enableIPv6: boolean;
  readonly configOnly: boolean;
  /** Name of the config-only network that this one takes its settings from, or ''. */
  readonly configFrom: string;
  /** As they were given, which inspect shows. */
  readonly options: Readonly<Record<string, string>>;
  /** The same, read once, when the network was made. */
  readonly parsed: ParsedOptions<O>;
  readonly labels: Readonly<Record<string, string>>;
  readonly ipam: {
    readonly driver: string;
    /** null where none were sent. */
    readonly options: Readonly<Record<string, string>> | null;
    readonly pools: readonly Pool[];
    /** Subnets in the request's notation, for inspect; also those of a family that is not enabled. */
    readonly sent?: readonly SentPool[];
  };
  /** The network's own link on the host (a bridge, a VLAN sub-interface), or ''. */
  readonly link: string;
  /** True for `bridge`, `host` and `none`, which cannot be removed. */
  readonly predefined: boolean;
  /** Choices for all hosts of the cluster; only of an overlay network. */
  readonly overlay?: Overlay;
  /** Revision of its record in the cluster's store; absent for a network of this host alone. */
  readonly version?: string;
}

/** The choices of an overlay network, the same on each host. */
export interface Overlay {
  /** VXLAN network identifiers: the first one is used, more that were asked for are reserved. */
  readonly vnis: readonly number[];
  /** What the data path of each node carried when it was made, or as asked. */
  readonly mtu: number;
  readonly encrypted: boolean;
}

/** The meaning of a network's options. */
export interface ParsedOptions<O = unknown> {
  readonly announcing: Announcing;
  /** Containers find the host by `host.docker.internal`. */
  readonly hostNames: boolean;
  readonly driver: O;
  /** Why options of a record of an older version, or of another host, cannot be read: they count as not given. */
  readonly invalid?: string;
}

/** A pool in the words of the request. */
export type SentPool = Omit<Pool, 'chosen' | 'lease'>;

/** A request for a new network; the engine chooses what it leaves open. */
export interface NetworkRequest {
  readonly name: string;
  readonly driver: string;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ingress: boolean;
  readonly enableIPv4: boolean | undefined;
  readonly enableIPv6: boolean | undefined;
  readonly configOnly: boolean;
  readonly configFrom: string;
  readonly scope: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly ipam: {
    readonly driver: string;
    readonly options: Readonly<Record<string, string>> | null;
    readonly pools: readonly (Omit<Pool, 'subnet'> & { readonly subnet?: string })[];
  };
}

/** With defaults filled in and its options read. */
export interface CompleteRequest<O = unknown> extends NetworkRequest {
  readonly parsed: ParsedOptions<O>;
}
