/** The macvlan driver: endpoints with their own MAC addresses on a link of the host. */
import { fail } from '../errors.ts';
import type { Driver, RequestContext } from '../model/driver.ts';
import type { Network } from '../model/network.ts';
import { type Options, readWord } from '../model/option-values.ts';
import { hasGateway } from '../model/pools.ts';
import { familyOf } from '../net/family.ts';
import type { MacvlanLink } from '../objects/object.ts';
import { endpointOwner } from '../objects/owner.ts';
import {
  hostAddresses,
  macvlanHostAccess,
  planShim,
  readHostAccess,
  validateHostAccess,
} from './host-access.ts';
import { planInside } from './inside.ts';
import { readMtu, readPrefix, refuseSmallMtu } from './options.ts';
import {
  type ParentOptions,
  parentInUse,
  parentName,
  planParent,
  sharingParent,
  validateParent,
} from './parent.ts';

const readMode = (options: Options): MacvlanLink['mode'] =>
  readWord(options, 'macvlan_mode', {
    words: ['bridge', 'vepa', 'private', 'passthru'],
    otherwise: 'bridge',
    unknown: (mode) =>
      `requested macvlan mode '${mode}' is not valid, 'bridge' mode is the macvlan driver default`,
  });

const isMacvlan = (network: Network): network is Network<MacvlanOptions> => network.driver === 'macvlan';

/** In mode passthru a parent takes a single endpoint (linux/if_link.h, MACVLAN_MODE_PASSTHRU). */
function refuseSharedPassthru({ parent, mode }: MacvlanOptions, context: RequestContext): void {
  for (const other of sharingParent(parent, context)) {
    if (!isMacvlan(other)) throw parentInUse(parent, other);
    const id = other.id.slice(0, 12);
    if (mode === 'passthru')
      throw fail(
        'NETWORK_CONFLICT',
        `cannot use mode passthru, macvlan network ${id} is already using parent interface ${parent}`,
      );
    if (other.parsed.driver.mode === 'passthru')
      throw fail(
        'NETWORK_CONFLICT',
        `macvlan network ${id} is already using parent interface ${parent} in mode passthru`,
      );
  }
}

export interface MacvlanOptions extends ParentOptions {
  readonly mode: MacvlanLink['mode'];
  /** Prefix of interface names inside a sandbox. */
  readonly prefix: string;
  /** The host itself reaches the endpoints. */
  readonly hostAccess: boolean;
}

export const macvlan: Driver<MacvlanOptions> = {
  name: 'macvlan',
  scope: 'local',
  singleInstance: false,
  needsAddresses: true,
  hasInterfaces: true,
  sharesHost: false,
  sharesLink: true,
  parse: (options) => ({
    mode: readMode(options),
    mtu: readMtu(options),
    prefix: readPrefix(options),
    parent: options.parent ?? '',
    hostAccess: readHostAccess(options),
  }),
  validate({ parsed, enableIPv6 }, context) {
    const options = parsed.driver;
    refuseSmallMtu(options.mtu, enableIPv6);
    validateParent(options.parent, 'macvlan', context);
    validateHostAccess(options);
    refuseSharedPassthru(options, context);
  },
  wantsGateway: () => true,
  leadsOut: ({ network }, family) => Boolean(network.parsed.driver.parent) && hasGateway(network, family),
  hostAddress: (network, address) =>
    network.parsed.driver.hostAccess
      ? hostAddresses(network).find((own) => familyOf(own) === familyOf(address))
      : undefined,
  linkName: (networkId, options) => parentName(networkId, options, 'macvlan'),
  endpointShape(network, { ifname, loads }) {
    const { mode, prefix } = network.parsed.driver;
    if (mode === 'passthru' && (loads?.get('') ?? 0) > 0)
      throw fail(
        'NETWORK_CONFLICT',
        `network ${network.name} is in mode passthru: its parent ${network.link} belongs to the endpoint that it has`,
      );
    return {
      ifname,
      ifPrefix: prefix,
      hostLink: '',
      mac: true,
    };
  },
  planNetwork: (network, facts) => [...planParent(network), ...planShim(network, facts)],
  hostAccess: macvlanHostAccess,
  planEndpoint(input) {
    const { network, endpoint, sandbox } = input;
    return [
      {
        kind: 'link',
        type: 'macvlan',
        ns: sandbox.id,
        name: endpoint.ifname,
        owner: endpointOwner(endpoint.id),
        mtu: network.parsed.driver.mtu,
        mac: endpoint.mac,
        parent: network.link,
        mode: network.parsed.driver.mode,
      },
      ...planInside(input, { byDevice: false, acceptAdvertisements: true }),
    ];
  },
};
