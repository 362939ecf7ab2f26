/** Calls to network plugins: those of Docker's protocol, in Docker's order. */
import { during, fail, hasCode } from '../errors.ts';
import type { Asking, EndpointInput, Ledger, PendingEndpoint } from '../model/driver.ts';
import type { EndpointAnswers } from '../model/endpoint.ts';
import { leasesNothing } from '../model/leases.ts';
import type { Network } from '../model/network.ts';
import type { PluginCall } from '../model/outbox.ts';
import { gatewayCidr, poolsOf } from '../model/pools.ts';
import { type Family, familyOf } from '../net/family.ts';
import { endpointCreated, gatewayCheck, joined, nothing, operInfo, request } from './answers.ts';
import { capabilitiesOf } from './capabilities.ts';
import { readInterface, readJoined } from './joined.ts';
import type { PluginClient } from './plugin.ts';
import type { Plugins } from './plugins.ts';
import { endpointOptions, joinOptions } from './port-options.ts';

/**
 * Checks the driver's scope before a network is made, and returns the families for which it needs no gateway. Throws
 * NETWORK_SCOPE_GLOBAL, and the errors of `plugins.find` and of the calls.
 */
export async function checkNetworkDriver(
  plugins: Plugins,
  name: string,
  options: Readonly<Record<string, string>>,
): Promise<{ readonly withoutGateway: readonly Family[] }> {
  const client = await plugins.find(name, 'NetworkDriver');
  const { network } = await capabilitiesOf(plugins, client);
  if (network.scope === 'global') throw fail('NETWORK_SCOPE_GLOBAL', name);
  if (network.scope !== 'local')
    throw fail(
      'PLUGIN_BROKEN',
      'NetworkDriver.GetCapabilities',
      `invalid capability: expecting 'local' or 'global', got ${network.scope}`,
    );
  if (!network.checksGateways) return { withoutGateway: [] };
  const body = { Options: { 'com.docker.network.generic': options } };
  const { SkipIPv4 = false, SkipIPv6 = false } = await request(client, {
    method: 'NetworkDriver.GwAllocCheck',
    body,
    answer: gatewayCheck,
  });
  return { withoutGateway: [...(SkipIPv4 ? [4 as const] : []), ...(SkipIPv6 ? [6 as const] : [])] };
}

export const networkAsking = (plugins: Plugins, name: string): Asking => ({
  prepareNetwork: async (network, ledger) =>
    createNetwork(await plugins.find(name, 'NetworkDriver'), network, ledger),
  prepareEndpoint: async (request, ledger) =>
    createEndpoint(await plugins.find(name, 'NetworkDriver'), request, ledger),
  open: async (input, container) => open(await plugins.find(name, 'NetworkDriver'), input, container),
  info: async (input) => endpointInfo(await plugins.find(name, 'NetworkDriver'), input),
  closing: (network, endpoint) => [call(name, 'RevokeExternalConnectivity', idsOf(network, endpoint))],
  endpointGone: (network, endpoint) => [
    call(name, 'Leave', idsOf(network, endpoint)),
    call(name, 'DeleteEndpoint', idsOf(network, endpoint)),
  ],
  networkGone: ({ id }) => [call(name, 'DeleteNetwork', { NetworkID: id })],
});

const call = (plugin: string, method: string, body: PluginCall['body']): PluginCall => ({
  ...{ plugin, role: 'NetworkDriver', method: `NetworkDriver.${method}`, body },
});

const idsOf = ({ id }: Pick<Network, 'id'>, endpoint: { readonly id: string }) => ({
  NetworkID: id,
  EndpointID: endpoint.id,
});

async function createNetwork(client: PluginClient, network: Network, ledger: Ledger): Promise<void> {
  const body = {
    NetworkID: network.id,
    Options: {
      'com.docker.network.enable_ipv4': network.enableIPv4,
      'com.docker.network.enable_ipv6': network.enableIPv6,
      'com.docker.network.generic': network.options,
      ...(network.internal && { 'com.docker.network.internal': true }),
    },
    IPv4Data: poolData(network, 4),
    IPv6Data: poolData(network, 6),
  };
  const undo = call(client.name, 'DeleteNetwork', { NetworkID: network.id });
  await ledger.ask(undo, () =>
    request(client, { method: 'NetworkDriver.CreateNetwork', body, answer: nothing }),
  );
}

const poolData = (network: Network, family: Family): readonly object[] =>
  poolsOf(network, family).map((pool) => {
    const prefix = pool.subnet.split('/')[1];
    const aux = Object.entries(pool.auxAddresses).map(([name, address]) => [name, `${address}/${prefix}`]);
    const gateway = gatewayCidr(pool);
    return {
      AddressSpace: pool.lease?.space ?? (leasesNothing(network) ? 'null' : 'LocalDefault'),
      ...(aux.length > 0 && { AuxAddresses: Object.fromEntries(aux) }),
      ...(gateway !== undefined && { Gateway: gateway }),
      Pool: pool.subnet,
    };
  });

async function createEndpoint(
  client: PluginClient,
  endpoint: PendingEndpoint,
  ledger: Ledger,
): Promise<EndpointAnswers> {
  const ids = idsOf(endpoint.network, endpoint);
  const created = await ledger
    .ask(call(client.name, 'DeleteEndpoint', ids), () =>
      request(client, {
        method: 'NetworkDriver.CreateEndpoint',
        body: { ...ids, Interface: interfaceOf(endpoint), Options: endpointOptions(endpoint) },
        answer: endpointCreated,
      }),
    )
    .catch((error) => {
      throw during(`failed to create endpoint ${endpoint.name} on network ${endpoint.network.name}`, error);
    });
  const own = readInterface(created.Interface ?? {}, endpoint);
  const input = { ...ids, SandboxKey: endpoint.sandboxPath, Options: joinOptions(endpoint) };
  const answer = await ledger.ask(call(client.name, 'Leave', ids), () =>
    request(client, { method: 'NetworkDriver.Join', body: input, answer: joined }),
  );
  return { ...own, ...readJoined(answer) };
}

function interfaceOf({ addresses, mac }: PendingEndpoint): object {
  const of = (family: Family): string => addresses.find((one) => familyOf(one) === family) ?? '';
  return { Address: of(4), AddressIPv6: of(6), MacAddress: mac };
}

/** Tells the driver that the endpoint is now its container's gateway, so that it publishes the ports. */
async function open(
  client: PluginClient,
  { network, endpoint }: Pick<EndpointInput, 'network' | 'endpoint'>,
  container: PendingEndpoint['container'],
): Promise<void> {
  if (network.internal) return;
  const body = {
    ...idsOf(network, endpoint),
    Options: {
      'com.docker.network.driver.private.no_proxy_6to4': false,
      ...joinOptions(container ? { container } : {}),
    },
  };
  try {
    await request(client, { method: 'NetworkDriver.ProgramExternalConnectivity', body, answer: nothing });
  } catch (error) {
    // older drivers lack this call
    if (hasCode(error, 'PLUGIN_LACKS_METHOD')) return;
    throw during(
      `driver failed programming external connectivity on endpoint ${endpoint.name} (${endpoint.id})`,
      error,
    );
  }
}

/** The driver's own information about an endpoint. */
async function endpointInfo(
  client: PluginClient,
  { network, endpoint }: Pick<EndpointInput, 'network' | 'endpoint'>,
): Promise<Readonly<Record<string, unknown>>> {
  const body = idsOf(network, endpoint);
  const { Value = {} } = await request(client, {
    method: 'NetworkDriver.EndpointOperInfo',
    body,
    answer: operInfo,
  });
  return Value;
}
