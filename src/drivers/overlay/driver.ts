/** The overlay driver: one segment over the hosts of a cluster, by VXLAN in a namespace of the network. */
import { fail } from '../../errors.ts';
import type { Driver, ShapeInput } from '../../model/driver.ts';
import { askedInterfaceName, endpointSysctls } from '../../model/endpoint-options.ts';
import type { Network } from '../../model/network.ts';
import { refuseSmallMtu } from '../options.ts';
import { chooseOverlay } from './choices.ts';
import { readOverlayOptions } from './options.ts';
import { planOverlay, planOverlayPort } from './plan.ts';
import { carriedBy } from './tunnel.ts';

/** Large packets to and from this host would vanish on their way. */
function refuseNarrowPath({ name, overlay }: Network, { here }: ShapeInput): void {
  if (!here || !overlay)
    throw fail('NETWORK_CONFLICT', `network ${name} is of a cluster that this host is not in`);
  const carried = carriedBy(here, [here]);
  if (carried < overlay.mtu)
    throw fail(
      'NETWORK_CONFLICT',
      `network ${name} has an MTU of ${overlay.mtu}, and the data path of this host carries ${carried}`,
    );
}

export const overlay: Driver = {
  name: 'overlay',
  scope: 'global',
  singleInstance: false,
  needsAddresses: true,
  hasInterfaces: true,
  sharesHost: false,
  sharesLink: false,
  pools: [{ base: '10.0.0.0/8', size: 24 }],
  validate(request, context) {
    refuseSmallMtu(readOverlayOptions(request.options).mtu, request.enableIPv6);
    chooseOverlay(request, context);
  },
  chooseOverlay,
  wantsGateway: () => true,
  leadsOut: () => false,
  wayOut: 'separate',
  hostAddress: () => undefined,
  linkName: () => '',
  endpointShape(network, input) {
    endpointSysctls(input.spec, 'IFNAME');
    refuseNarrowPath(network, input);
    return {
      ifname: askedInterfaceName(input.spec),
      ifPrefix: readOverlayOptions(network.options).prefix,
      hostLink: `veth${input.id.slice(0, 11)}`,
      mac: true,
    };
  },
  planNetwork: planOverlay,
  planEndpoint: planOverlayPort,
};
