/**
 * Network namespaces that the engine did not make (`ip netns add`, systemd-nspawn, a runtime used by hand)
 * on its networks. Such a sandbox is no container's: it is on record while it has endpoints.
 */
import { fail } from '../errors.ts';
import type { Endpoint, EndpointSpec } from './endpoint.ts';
import { makeEndpoint } from './endpoints.ts';
import type { Network } from './network.ts';
import type { Sandbox } from './sandbox.ts';
import { attachmentsOf, complete, type SandboxContext } from './sandboxes.ts';
import { closeSandbox } from './sharing.ts';
import type { Change, View } from './tables.ts';

/** A namespace as it was found. */
export interface ExternalNamespace {
  /** Its file: `/run/netns/x`, `/proc/PID/ns/net`. */
  readonly path: string;
  /** Device and inode of the file: another namespace at the same path is not the same. */
  readonly identity: string;
  /** Names of the links that are in it. */
  readonly links: readonly string[];
}

export interface ExternalRequest {
  readonly network: Network;
  readonly namespace: ExternalNamespace;
  /** Its first name in this network. */
  readonly name: string;
  readonly spec: EndpointSpec;
}

/** The external namespaces on record. */
export const externalSandboxes = (view: View): readonly Sandbox[] =>
  Array.from(view.all('sandboxes')).filter(({ kind }) => kind === 'external');

/** Give a namespace a place in a network. Throws in the words that Docker has for containers. */
export function connectExternal(
  view: View,
  { network, namespace, name, spec }: ExternalRequest,
  context: SandboxContext,
): { readonly endpoint: Endpoint; readonly sandbox: Sandbox; readonly changes: readonly Change[] } {
  refuse(view, network, name);
  const known = externalSandboxes(view).find((sandbox) => sandbox.namespace === namespace.identity);
  const sandbox = known ?? newSandbox(namespace, name, context);
  const siblings = view.endpointsOfSandbox(sandbox.id);
  const member = { containerId: '', name, otherNames: [] };
  const request = { member, network, spec, sandbox, siblings, occupied: namespace.links };
  const endpoint = makeEndpoint(view, request, context);
  const attachments = [...attachmentsOf(view, siblings), { network, endpoint }];
  const completed = complete(view, { sandbox, attachments }, context);
  return {
    endpoint,
    sandbox: completed,
    changes: [
      { table: 'sandboxes', put: completed },
      { table: 'endpoints', put: endpoint },
    ],
  };
}

/** Take a place away; the namespace is forgotten with its last one. */
export function disconnectExternal(
  view: View,
  endpoint: Endpoint,
  context: SandboxContext,
): readonly Change[] {
  const rest = view.endpointsOfSandbox(endpoint.sandboxId).filter(({ id }) => id !== endpoint.id);
  const sandbox = view.get('sandboxes', endpoint.sandboxId);
  if (!sandbox || rest.length === 0) return closeSandbox(view, endpoint.sandboxId);
  return [
    { table: 'endpoints', remove: endpoint.id },
    { table: 'sandboxes', put: complete(view, { sandbox, attachments: attachmentsOf(view, rest) }, context) },
  ];
}

/** The place that an external namespace has in a network, by its name there or by its file. Throws NAMESPACE_NOT_CONNECTED. */
export function findExternal(
  view: View,
  network: Network,
  wanted: { readonly name: string; readonly path: string; readonly identity: string },
): Endpoint {
  const { name, path, identity } = wanted;
  const found = view.endpointsOfNetwork(network.id).find((endpoint) => {
    const sandbox = view.get('sandboxes', endpoint.sandboxId);
    if (sandbox?.kind !== 'external' || (name && endpoint.name !== name)) return false;
    return path === '' || sandbox.namespace === identity || (identity === '' && sandbox.path === path);
  });
  if (!found) throw fail('NAMESPACE_NOT_CONNECTED', path || name, network.name);
  return found;
}

function newSandbox({ path, identity }: ExternalNamespace, name: string, context: SandboxContext): Sandbox {
  return {
    id: context.generate.id(),
    containerId: '',
    kind: 'external',
    path,
    namespace: identity,
    hostname: name,
    domainname: '',
    extraHosts: [],
    dns: context.dns,
    ports: [],
    gateway4: '',
    gateway6: '',
    resolver: false,
    sysctls: {},
  };
}

function refuse(view: View, network: Network, name: string): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name))
    throw fail(
      'BAD_REQUEST',
      `invalid name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed: it resolves to the namespace`,
    );
  if (network.configOnly || !view.drivers.find(network.driver).hasInterfaces)
    throw fail('NETWORK_MODE_CONFLICT', `a namespace cannot be connected to network ${network.name}`);
  if (view.endpointsOfNetwork(network.id).some((endpoint) => endpoint.name === name))
    throw fail('ENDPOINT_EXISTS', name, network.name);
}
