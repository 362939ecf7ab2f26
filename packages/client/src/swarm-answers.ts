/** Answers of the API about a swarm (Docker Engine API 1.50). */
import type { NodeSpec, ServiceSpec, Spec } from './requests.ts';

/** What every object of a swarm has. */
export interface SwarmObject<Spec> {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly CreatedAt: string;
  readonly UpdatedAt: string;
  readonly Spec: Spec;
}

export interface SwarmInspect extends SwarmObject<Spec> {
  readonly JoinTokens: { readonly Worker: string; readonly Manager: string };
}

export interface NodeObject extends SwarmObject<NodeSpec> {
  readonly Description: { readonly Hostname: string };
  readonly Status: { readonly State: string; readonly Addr: string };
  readonly ManagerStatus?: {
    readonly Leader?: boolean;
    readonly Reachability: string;
    readonly Addr: string;
  };
}

export interface ServiceObject extends SwarmObject<ServiceSpec> {
  readonly Endpoint: {
    readonly VirtualIPs?: readonly { readonly NetworkID: string; readonly Addr: string }[];
  };
}

export interface TaskObject extends Omit<SwarmObject<unknown>, 'Spec'> {
  readonly ServiceID?: string;
  readonly NodeID?: string;
  readonly Slot?: number;
  readonly DesiredState: string;
  readonly Status: { readonly State: string; readonly Message?: string; readonly Err?: string };
}
