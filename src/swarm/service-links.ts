/** Checks of what a service's spec names: secrets, configs, networks, published ports. */
import { fail } from '../errors.ts';
import { networksOf } from './defaults.ts';
import type { SwarmNetwork, SwarmService, SwarmView } from './records.ts';
import { findObject } from './references.ts';
import type { NetworkAttachmentConfig, PortConfig, ServiceSpec } from './spec.ts';

/** What the engine that was asked has: a network of this host is named in the refusal. */
export interface LocalNetworks {
  /** Undefined where this host has none of that name or id. */
  localNetwork(ref: string): { readonly name: string; readonly predefined: boolean } | undefined;
}

/** The spec with ids of networks in place of names. Throws in Docker's words. */
export function withNetworkIds(view: SwarmView, spec: ServiceSpec, local: LocalNetworks): ServiceSpec {
  const resolved = networksOf(spec).map((one) => ({ ...one, Target: resolve(view, one, local).id }));
  if (spec.TaskTemplate.Networks?.length)
    return { ...spec, TaskTemplate: { ...spec.TaskTemplate, Networks: resolved } };
  return spec.Networks ? { ...spec, Networks: resolved } : spec;
}

function resolve(
  view: SwarmView,
  { Target = '' }: NetworkAttachmentConfig,
  local: LocalNetworks,
): SwarmNetwork {
  const found = find(view, Target) ?? resolveLocal(view, Target, local);
  if (found.network.ingress)
    throw fail(
      'SWARM_INVALID',
      `Service cannot be explicitly attached to the ingress network "${found.network.name}"`,
    );
  return found;
}

function find(view: SwarmView, ref: string): SwarmNetwork | undefined {
  try {
    return findObject(view, 'networks', ref);
  } catch {
    return undefined;
  }
}

function resolveLocal(view: SwarmView, ref: string, local: LocalNetworks): SwarmNetwork {
  const here = local.localNetwork(ref);
  const same = here?.predefined ? view.byName('networks', here.name) : undefined;
  if (same) return same;
  if (here) throw fail('SWARM_NETWORK_LOCAL', here.name);
  return findObject(view, 'networks', ref);
}

/** Throws SWARM_INVALID. */
export function checkFilesExist(view: SwarmView, { TaskTemplate: { ContainerSpec } }: ServiceSpec): void {
  const secrets = (ContainerSpec?.Secrets ?? [])
    .filter(({ SecretID, SecretName }) => view.get('secrets', SecretID)?.spec.Name !== SecretName)
    .map(({ SecretName }) => SecretName);
  const configs = (ContainerSpec?.Configs ?? [])
    .filter(({ ConfigID, ConfigName }) => view.get('configs', ConfigID)?.spec.Name !== ConfigName)
    .map(({ ConfigName }) => ConfigName);
  for (const [what, missing] of [['secret', secrets] as const, ['config', configs] as const])
    if (missing.length > 0)
      throw fail(
        'SWARM_INVALID',
        `${what}${missing.length === 1 ? '' : 's'} not found: ${missing.join(', ')}`,
      );
}

export const isIngressPort = ({ PublishMode }: PortConfig): boolean => PublishMode !== 'host';

export const needsIngress = ({ EndpointSpec }: Pick<ServiceSpec, 'EndpointSpec'>): boolean =>
  (EndpointSpec?.Ports ?? []).some(isIngressPort);

/** Undefined until there is one. */
export function ingressNetwork(view: SwarmView): SwarmNetwork | undefined {
  for (const one of view.all('networks')) if (one.network.ingress) return one;
  return undefined;
}

/** Throws SWARM_PRECONDITION. */
export function checkIngress(view: SwarmView, spec: ServiceSpec): void {
  if (needsIngress(spec) && !ingressNetwork(view))
    throw fail('SWARM_PRECONDITION', 'service needs ingress network, but no ingress network is present');
}

const portKey = ({ Protocol, PublishedPort }: PortConfig): string => `${Protocol || 'tcp'} ${PublishedPort}`;

/** Throws SWARM_INVALID where another service than `own` has one of the ports. */
export function checkPorts(view: SwarmView, spec: ServiceSpec, own = ''): void {
  const asked = (spec.EndpointSpec?.Ports ?? []).filter(({ PublishedPort }) => PublishedPort);
  if (asked.length === 0) return;
  const all = new Set(asked.map(portKey));
  const ingress = new Set(asked.filter(isIngressPort).map(portKey));
  for (const service of view.all('services')) {
    if (service.id === own) continue;
    const port = portsOf(service).find((one) => (isIngressPort(one) ? all : ingress).has(portKey(one)));
    if (!port) continue;
    const as = isIngressPort(port) ? 'an ingress port' : 'a host-published port';
    throw fail(
      'SWARM_INVALID',
      `port '${port.PublishedPort}' is already in use by service '${service.spec.Name}' (${service.id}) as ${as}`,
    );
  }
}

const portsOf = ({ spec, endpoint }: SwarmService): readonly PortConfig[] =>
  [...(spec.EndpointSpec?.Ports ?? []), ...(endpoint?.ports ?? [])].filter(
    ({ PublishedPort }) => PublishedPort,
  );
