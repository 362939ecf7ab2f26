/** Answers of the routes below `/seaway/map`. */

export interface NetworkMap {
  readonly Host: {
    readonly Name: string;
    /** Those that the engine did not make. */
    readonly Links: readonly { readonly Name: string; readonly Addresses: readonly string[] }[];
  };
  readonly Networks: readonly MapNetwork[];
  readonly Containers: readonly MapContainer[];
  readonly Endpoints: readonly MapEndpoint[];
  readonly Hosts: readonly MapHost[];
  readonly Services: readonly MapService[];
  readonly Troubles: readonly MapTrouble[];
}

export interface MapNetwork {
  readonly Id: string;
  readonly Name: string;
  readonly Driver: string;
  readonly Scope: string;
  readonly Internal: boolean;
  readonly Predefined: boolean;
  readonly Ingress: boolean;
  readonly Encrypted: boolean;
  /** Its own on the host, or ''. */
  readonly Link: string;
  readonly Pools: readonly { readonly Subnet: string; readonly Gateway: string }[];
  readonly Options: Readonly<Record<string, string>>;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface MapContainer {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  /** `running`, `paused`, `exited`, ... */
  readonly State: string;
  /** `starting`, `healthy`, `unhealthy`, or ''. */
  readonly Health: string;
  /** RFC 3339, or '' while it does not run. */
  readonly StartedAt: string;
  readonly ExitCode: number;
  readonly NetworkMode: string;
  /** Id of the container whose namespace it is in, or ''. */
  readonly Joined: string;
  /** Ids, whether it runs or not. */
  readonly Networks: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly Ports: readonly MapPort[];
}

export interface MapPort {
  /** `80/tcp` */
  readonly Port: string;
  /** `0.0.0.0:8080` */
  readonly Host: string;
  /** In words. */
  readonly State: string;
}

/** A place on a network. */
export interface MapEndpoint {
  readonly Id: string;
  readonly Network: string;
  /** `container`, `namespace`, or `peer` for one of another host. */
  readonly Kind: string;
  /** Id, or ''. */
  readonly Container: string;
  /** Id of the other host, or ''. */
  readonly Host: string;
  readonly Name: string;
  readonly Addresses: readonly string[];
  readonly MacAddress: string;
  readonly Interface: string;
  readonly HostLink: string;
  readonly DNSNames: readonly string[];
}

export interface MapHost {
  readonly Id: string;
  readonly Name: string;
  /** `here`, `ready` or `lost`. */
  readonly Status: string;
  readonly Addresses: readonly string[];
}

/** A service of a swarm on one network. */
export interface MapService {
  readonly Id: string;
  readonly Network: string;
  readonly Name: string;
  readonly Addresses: readonly string[];
  readonly Tasks: number;
  readonly Open: number;
}

export interface MapTrouble {
  /** `network`, `container`, `node` or `host`. */
  readonly Kind: string;
  /** Of that; '' for the host. */
  readonly Id: string;
  readonly At: string;
  readonly Why: string;
  readonly Since: string;
  readonly NextAttempt: string;
}

/** Bytes received and sent, packets received and sent, packets dropped. */
export type MapCounters = readonly [number, number, number, number, number];

export interface MapTraffic {
  /** Milliseconds of a clock that never goes back. */
  readonly At: number;
  /** By id of the endpoint, as its container sees it. */
  readonly Endpoints: Readonly<Record<string, MapCounters>>;
  /** By id of the network, its link as the host sees it. */
  readonly Networks: Readonly<Record<string, MapCounters>>;
  readonly Links: Readonly<Record<string, MapCounters>>;
  /** Null where the resolver does not answer. */
  readonly DNS: {
    readonly Questions: number;
    readonly Answers: readonly { readonly By: string; readonly Code: string; readonly Count: number }[];
    readonly Unanswered: number;
  } | null;
}

export interface MapRule {
  /** `ip filter` */
  readonly Table: string;
  readonly Chain: string;
  readonly Text: string;
  readonly Reason: string;
}

export interface PageLink {
  readonly Url: string;
  readonly Write: boolean;
}
