/** The ipvlan driver: endpoints that share the MAC address of a link of the host. */

import type { Driver } from '../model/driver.ts';
import { type Options, readWord } from '../model/option-values.ts';
import { enabled, hasGateway } from '../model/pools.ts';
import type { IpvlanLink } from '../objects/object.ts';
import { endpointOwner } from '../objects/owner.ts';
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
const routes = ({ mode }: IpvlanOptions): boolean => mode !== 'l2';

export interface IpvlanOptions extends ParentOptions {
  readonly mode: IpvlanLink['mode'];
  readonly flag: IpvlanLink['flag'];
  /** Prefix of interface names inside a sandbox. */
  readonly prefix: string;
}

export const ipvlan: Driver<IpvlanOptions> = {
  name: 'ipvlan',
  scope: 'local',
  singleInstance: false,
  needsAddresses: true,
  hasInterfaces: true,
  sharesHost: false,
  sharesLink: true,
  parse: (options) => ({
    mode: readMode(options),
    flag: readFlag(options),
    mtu: readMtu(options),
    prefix: readPrefix(options),
    parent: options.parent ?? '',
  }),
  validate({ parsed, enableIPv6 }, context) {
    const { mtu, parent } = parsed.driver;
    refuseSmallMtu(mtu, enableIPv6);
    validateParent(parent, 'ipvlan', context);
    // mode and flag belong to the parent: a second network would change those of the first
    for (const other of sharingParent(parent, context)) throw parentInUse(parent, other);
  },
  wantsGateway: ({ parsed }) => !routes(parsed.driver),
  leadsOut: ({ network }, family) =>
    Boolean(network.parsed.driver.parent) &&
    (routes(network.parsed.driver)
      ? !network.internal && enabled(network, family)
      : hasGateway(network, family)),
  hostAddress: () => undefined,
  linkName: (networkId, options) => parentName(networkId, options, 'ipvlan'),
  endpointShape: (network, { ifname }) => ({
    ifname,
    ifPrefix: network.parsed.driver.prefix,
    hostLink: '',
    mac: false,
  }),
  planNetwork: (network) => planParent(network),
  planEndpoint(input) {
    const { network, endpoint, sandbox } = input;
    const options = network.parsed.driver;
    return [
      {
        kind: 'link',
        type: 'ipvlan',
        ns: sandbox.id,
        name: endpoint.ifname,
        owner: endpointOwner(endpoint.id),
        mtu: options.mtu,
        parent: network.link,
        mode: options.mode,
        flag: options.flag,
      },
      ...planInside(input, {
        byDevice: routes(options),
        acceptAdvertisements: !routes(options),
      }),
    ];
  },
};
