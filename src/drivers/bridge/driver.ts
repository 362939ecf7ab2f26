/** The bridge driver: a Linux bridge per network, a veth pair per endpoint. */
import { fail } from '../../errors.ts';
import type { Driver, RequestContext } from '../../model/driver.ts';
import type { CompleteRequest, NetworkRequest } from '../../model/network.ts';
import { hasGateway, poolContaining } from '../../model/pools.ts';
import { familyOf } from '../../net/family.ts';
import { refuseSmallMtu } from '../options.ts';
import { defaultBridge } from './default-bridge.ts';
import { chooseFanout } from './fanouts.ts';
import { gatewayNetwork } from './gateway-network.ts';
import { type BridgeOptions, isHostOn, readBridgeOptions } from './options.ts';
import { bridgeName, planBridge, planPort } from './plan.ts';

/** Two networks cannot have one bridge. */
function refuseSharedName(request: NetworkRequest, name: string, { networks }: RequestContext): void {
  for (const other of networks) {
    if (other.driver !== 'bridge' || other.configOnly || other.link !== name) continue;
    throw fail(
      'NETWORK_CONFLICT',
      `cannot create network ${request.name} (${name}): conflicts with network ${other.id} (${name}): networks have same bridge name`,
    );
  }
}

function validate(request: CompleteRequest<BridgeOptions>, context: RequestContext): void {
  const options = request.parsed.driver;
  if (request.enableIPv4 === false && !request.enableIPv6)
    throw fail('NETWORK_OPTION_INVALID', 'IPv4 or IPv6 must be enabled');
  refuseSmallMtu(options.mtu, request.enableIPv6);
  if ((options.mode[4] === 'isolated' || options.mode[6] === 'isolated') && !request.internal)
    throw fail('NETWORK_OPTION_INVALID', "gateway mode 'isolated' can only be used for an internal network");
  if (options.name) refuseSharedName(request, options.name, context);
}

/** `veth` and the 11 digits of the id that a link name has room for: 44 bits, so collisions are unlikely. */
const vethName = (endpointId: string): string => `veth${endpointId.slice(0, 11)}`;

export const bridge: Driver<BridgeOptions> = {
  name: 'bridge',
  scope: 'local',
  singleInstance: false,
  needsAddresses: true,
  hasInterfaces: true,
  sharesHost: false,
  sharesLink: false,
  parse: readBridgeOptions,
  validate,
  forwarding: ({ parsed }) => parsed.driver,
  // without an address of the host and without a way out, a gateway address would be unused
  wantsGateway: ({ parsed, internal }, family) => {
    const { mode, inhibitIpv4 } = parsed.driver;
    return mode[family] !== 'isolated' && !(family === 4 && inhibitIpv4 && internal);
  },
  leadsOut: ({ network }, family) => hasGateway(network, family),
  hostAddress: (network, address) =>
    isHostOn(network.parsed.driver, familyOf(address))
      ? poolContaining(network, address)?.gateway
      : undefined,
  linkName: bridgeName,
  endpointShape(network, { id, ifname, loads = new Map() }) {
    const fanout = chooseFanout(network, loads);
    return {
      ifname,
      ifPrefix: network.parsed.driver.prefix,
      hostLink: fanout === undefined ? vethName(id) : '',
      ...(fanout === undefined ? {} : { fanout }),
      mac: true,
    };
  },
  defaultNetwork: defaultBridge,
  gatewayNetwork,
  planNetwork: planBridge,
  planEndpoint: planPort,
};
