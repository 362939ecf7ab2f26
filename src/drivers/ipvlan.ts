/** The ipvlan driver: endpoints that share the MAC address of a link of the host. */

import type { Driver } from '../model/driver.ts';
import { askedInterfaceName, endpointSysctls } from '../model/endpoint-options.ts';
import { type Options, readWord } from '../model/option-values.ts';
import { enabled, hasGateway } from '../model/pools.ts';
import type { IpvlanLink } from '../objects/object.ts';
import { endpointOwner } from '../objects/owner.ts';
import { planInside } from './inside.ts';
import { readMtu, readPrefix, refuseSmallMtu } from './options.ts';
import { parentInUse, parentName, planParent, sharingParent, validateParent } from './parent.ts';

const readMode = (options: Options): IpvlanLink['mode'] =>
  readWord(options, 'ipvlan_mode', {
    words: ['l2', 'l3', 'l3s'],
    otherwise: 'l2',
    unknown: (mode) => `requested ipvlan mode '${mode}' is not valid, 'l2' mode is the ipvlan driver default`,
  });

const readFlag = (options: Options): IpvlanLink['flag'] =>
  readWord(options, 'ipvlan_flag', {
    words: ['bridge', 'private', 'vepa'],
    otherwise: 'bridge',
    unknown: (flag) => `requested ipvlan flag '${flag}' is not valid, 'bridge' is the ipvlan driver default`,
  });

/** In the L3 modes the parent routes, without gateways and neighbours (Documentation/networking/ipvlan.rst). */
const routes = (options: Options): boolean => readMode(options) !== 'l2';

export const ipvlan: Driver = {
  name: 'ipvlan',
  scope: 'local',
  singleInstance: false,
  needsAddresses: true,
  hasInterfaces: true,
  sharesHost: false,
  sharesLink: true,
  validate(request, context) {
    readMode(request.options);
    readFlag(request.options);
    refuseSmallMtu(readMtu(request.options), request.enableIPv6);
    readPrefix(request.options);
    validateParent(request.options, 'ipvlan', context);
    // mode and flag belong to the parent: a second network would change those of the first
    for (const other of sharingParent(request, context)) throw parentInUse(request, other);
  },
  wantsGateway: ({ options }) => !routes(options),
  leadsOut: ({ network }, family) =>
    Boolean(network.options.parent) &&
    (routes(network.options) ? !network.internal && enabled(network, family) : hasGateway(network, family)),
  hostAddress: () => undefined,
  linkName: (networkId, options) => parentName(networkId, options, 'ipvlan'),
  endpointShape(network, { spec }) {
    endpointSysctls(spec, 'IFNAME');
    return {
      ifname: askedInterfaceName(spec),
      ifPrefix: readPrefix(network.options),
      hostLink: '',
      mac: false,
    };
  },
  planNetwork: (network) => planParent(network, 'ipvlan'),
  planEndpoint(place) {
    const { network, endpoint, sandbox } = place;
    return [
      {
        kind: 'link',
        type: 'ipvlan',
        ns: sandbox.id,
        name: endpoint.ifname,
        owner: endpointOwner(endpoint.id),
        mtu: readMtu(network.options),
        parent: parentName(network.id, network.options, 'ipvlan'),
        mode: readMode(network.options),
        flag: readFlag(network.options),
      },
      ...planInside(place, {
        byDevice: routes(network.options),
        acceptAdvertisements: !routes(network.options),
      }),
    ];
  },
};
