/** The contract's part for namespaces that the engine did not make. */
import type { Endpoint, EndpointSpec } from '../model/endpoint.ts';
import type { Network } from '../model/network.ts';
import type { Sandbox } from '../model/sandbox.ts';

export interface NamespaceDetail {
  readonly sandbox: Sandbox;
  readonly attachments: readonly { readonly network: Network | undefined; readonly endpoint: Endpoint }[];
  /** What the resolv.conf of those in it must say, so that they are served. */
  readonly resolvConf: string;
}

/** '' for what is not given; one of them is enough. */
export interface NamespaceRef {
  /** Of the namespace's file. */
  readonly path: string;
  /** What it is called in the network. */
  readonly name: string;
}

export interface NamespaceVerbs {
  list(): readonly NamespaceDetail[];
  connect(
    networkRef: string,
    request: NamespaceRef & { readonly spec: Omit<EndpointSpec, 'network'> },
  ): Promise<NamespaceDetail>;
  disconnect(networkRef: string, wanted: NamespaceRef): Promise<void>;
}
