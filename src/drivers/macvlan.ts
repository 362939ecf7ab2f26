/** The macvlan driver: endpoints with their own MAC addresses on a link of the host. */
import { fail } from '../errors.ts';
import type { Driver, RequestContext } from '../model/driver.ts';
import { askedInterfaceName, endpointSysctls } from '../model/endpoint-options.ts';
import { type Options, readWord } from '../model/option-values.ts';
import { hasGateway } from '../model/pools.ts';
import { familyOf } from '../net/family.ts';
import type { MacvlanLink } from '../objects/object.ts';
import { endpointOwner } from '../objects/owner.ts';
import {
  hostAddresses,
  macvlanHostAccess,
  planShim,
  validateHostAccess,
  wantsHostAccess,
} from './host-access.ts';
import { planInside } from './inside.ts';
import { readMtu, readPrefix, refuseSmallMtu } from './options.ts';
import { parentInUse, parentName, planParent, sharingParent, validateParent } from './parent.ts';

const readMode = (options: Options): MacvlanLink['mode'] =>
  readWord(options, 'macvlan_mode', {
    words: ['bridge', 'vepa', 'private', 'passthru'],
    otherwise: 'bridge',
    unknown: (mode) =>
      `requested macvlan mode '${mode}' is not valid, 'bridge' mode is the macvlan driver default`,
  });

/** In mode passthru a parent takes a single endpoint (linux/if_link.h, MACVLAN_MODE_PASSTHRU). */
function refuseSharedPassthru(request: { readonly options: Options }, context: RequestContext): void {
  const parent = request.options.parent ?? '';
  for (const other of sharingParent(request, context)) {
    if (other.driver !== 'macvlan') throw parentInUse(request, other);
    const id = other.id.slice(0, 12);
    if (readMode(request.options) === 'passthru')
      throw fail(
        'NETWORK_CONFLICT',
        `cannot use mode passthru, macvlan network ${id} is already using parent interface ${parent}`,
      );
    if (readMode(other.options) === 'passthru')
      throw fail(
        'NETWORK_CONFLICT',
        `macvlan network ${id} is already using parent interface ${parent} in mode passthru`,
      );
  }
}

export const macvlan: Driver = {
  name: 'macvlan',
  scope: 'local',
  singleInstance: false,
  needsAddresses: true,
  hasInterfaces: true,
  sharesHost: false,
  sharesLink: true,
  validate(request, context) {
    readMode(request.options);
    refuseSmallMtu(readMtu(request.options), request.enableIPv6);
    readPrefix(request.options);
    validateParent(request.options, 'macvlan', context);
    validateHostAccess(request.options, readMode(request.options));
    refuseSharedPassthru(request, context);
  },
  wantsGateway: () => true,
  leadsOut: ({ network }, family) => Boolean(network.options.parent) && hasGateway(network, family),
  hostAddress: (network, address) =>
    wantsHostAccess(network.options)
      ? hostAddresses(network).find((own) => familyOf(own) === familyOf(address))
      : undefined,
  linkName: (networkId, options) => parentName(networkId, options, 'macvlan'),
  endpointShape(network, { spec, loads }) {
    endpointSysctls(spec, 'IFNAME');
    if (readMode(network.options) === 'passthru' && (loads?.get('') ?? 0) > 0)
      throw fail(
        'NETWORK_CONFLICT',
        `network ${network.name} is in mode passthru: its parent ${parentName(network.id, network.options, 'macvlan')} belongs to the endpoint that it has`,
      );
    return {
      ifname: askedInterfaceName(spec),
      ifPrefix: readPrefix(network.options),
      hostLink: '',
      mac: true,
    };
  },
  planNetwork: (network, facts) => [
    ...planParent(network, 'macvlan'),
    ...planShim(network, parentName(network.id, network.options, 'macvlan'), facts),
  ],
  hostAccess: macvlanHostAccess,
  planEndpoint(place) {
    const { network, endpoint, sandbox } = place;
    return [
      {
        kind: 'link',
        type: 'macvlan',
        ns: sandbox.id,
        name: endpoint.ifname,
        owner: endpointOwner(endpoint.id),
        mtu: readMtu(network.options),
        mac: endpoint.mac,
        parent: parentName(network.id, network.options, 'macvlan'),
        mode: readMode(network.options),
      },
      ...planInside(place, { byDevice: false, acceptAdvertisements: true }),
    ];
  },
};
