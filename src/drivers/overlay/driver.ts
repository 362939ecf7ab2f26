/** The overlay driver: one segment over the hosts of a cluster, by VXLAN in a namespace of the network. */
import { fail } from '../../errors.ts';
import type { Driver, ShapeInput } from '../../model/driver.ts';
import type { Network } from '../../model/network.ts';
import { carriedBy } from '../../model/tunnel.ts';
import { refuseSmallMtu } from '../options.ts';
import { chooseOverlay } from './choices.ts';
import { type OverlayOptions, readOverlayOptions, vniOption } from './options.ts';
import { planOverlay, planOverlayPort } from './plan.ts';

/** Large packets to and from this host would vanish on their way. */
function refuseNarrowPath({ name, overlay }: Network, { here }: ShapeInput): void {
  if (!here || !overlay)
    throw fail('NETWORK_CONFLICT', `network ${name} is of a cluster that this host is not in`);
  const carried = carriedBy(here, { nodes: [here], encrypted: overlay.encrypted });
  if (carried < overlay.mtu)
    throw fail(
      'NETWORK_CONFLICT',
      `network ${name} has an MTU of ${overlay.mtu}, and the data path of this host carries ${carried}`,
    );
}

export const overlay: Driver<OverlayOptions> = {
  name: 'overlay',
  scope: 'global',
  singleInstance: false,
  needsAddresses: true,
  hasInterfaces: true,
  sharesHost: false,
  sharesLink: false,
  pools: [{ base: '10.0.0.0/8', size: 24 }],
  parse: readOverlayOptions,
  validate(request, context) {
    refuseSmallMtu(request.parsed.driver.mtu, request.enableIPv6);
    chooseOverlay(request, context);
  },
  chooseOverlay,
  chosenOptions: ({ vnis }) => ({ [vniOption]: vnis.join(',') }),
  wantsGateway: () => true,
  leadsOut: () => false,
  wayOut: 'separate',
  hostAddress: () => undefined,
  linkName: () => '',
  endpointShape(network, input) {
    refuseNarrowPath(network, input);
    return {
      ifname: input.ifname,
      ifPrefix: network.parsed.driver.prefix,
      hostLink: `veth${input.id.slice(0, 11)}`,
      mac: true,
    };
  },
  planNetwork: planOverlay,
  planEndpoint: planOverlayPort,
};
