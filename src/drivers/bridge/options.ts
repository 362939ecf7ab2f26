/** `com.docker.network.bridge.*`: the options of a bridge network, parsed. */
import { fail } from '../../errors.ts';
import type { Family } from '../../model/network.ts';
import {
  isLinkName,
  type Options,
  readBoolean,
  readIp,
  readMtu,
  readParsedWord,
  readPrefix,
} from '../options.ts';

/** How a bridge network is reached from outside and leads out, for one family. */
export type GatewayMode = 'nat' | 'nat-unprotected' | 'routed' | 'isolated';

export interface BridgeOptions {
  /** Name of the bridge as asked, or ''. */
  readonly name: string;
  readonly defaultBridge: boolean;
  /** Endpoints of the network may talk to each other. */
  readonly icc: boolean;
  readonly masquerade: boolean;
  /** The bridge gets no IPv4 address. */
  readonly inhibitIpv4: boolean;
  /** Address that published ports are bound to, or ''. */
  readonly hostBinding4: string;
  readonly hostBinding6: string;
  /** Source address of what is masqueraded (`com.docker.network.host_ipv4`), or ''. */
  readonly hostIpv4: string;
  readonly hostIpv6: string;
  readonly gatewayMode4: GatewayMode;
  readonly gatewayMode6: GatewayMode;
  /** Links of the host from which endpoints may be reached directly. */
  readonly trustedHostInterfaces: readonly string[];
  /** 0: from the uplink. */
  readonly mtu: number;
  /** What a number is put behind to name interfaces inside. */
  readonly prefix: string;
}

/** The bridge has no address where it is told to have none, or where its mode keeps the host out. */
export const isHostOn = (options: BridgeOptions, family: Family): boolean =>
  (family === 4 ? options.gatewayMode4 : options.gatewayMode6) !== 'isolated' &&
  !(family === 4 && options.inhibitIpv4);

const key = (name: string): string => `com.docker.network.bridge.${name}`;

export const bridgeNameOption = key('name');

function readName(options: Options): string {
  const name = options[bridgeNameOption] ?? '';
  if (name && !isLinkName(name))
    throw fail(
      'NETWORK_OPTION_INVALID',
      `invalid bridge name ${JSON.stringify(name)}: not the name of a link`,
    );
  return name;
}

const readGatewayMode = (options: Options, family: 'ipv4' | 'ipv6'): GatewayMode =>
  readParsedWord(options, key(`gateway_mode_${family}`), {
    words: ['nat', 'nat-unprotected', 'routed', 'isolated'],
    otherwise: 'nat',
    unknown: (mode) => `unknown gateway mode ${mode}`,
  });

/** Options that are not known are kept and ignored, as Docker does. Throws NETWORK_OPTION_INVALID. */
export function readBridgeOptions(options: Options): BridgeOptions {
  return {
    name: readName(options),
    defaultBridge: readBoolean(options, key('default_bridge'), false),
    icc: readBoolean(options, key('enable_icc'), true),
    masquerade: readBoolean(options, key('enable_ip_masquerade'), true),
    inhibitIpv4: readBoolean(options, key('inhibit_ipv4'), false),
    hostBinding4: readIp(options, key('host_binding_ipv4')),
    hostBinding6: readIp(options, key('host_binding_ipv6')),
    hostIpv4: readIp(options, 'com.docker.network.host_ipv4'),
    hostIpv6: readIp(options, 'com.docker.network.host_ipv6'),
    gatewayMode4: readGatewayMode(options, 'ipv4'),
    gatewayMode6: readGatewayMode(options, 'ipv6'),
    trustedHostInterfaces: (options[key('trusted_host_interfaces')] ?? '').split(':').filter(Boolean),
    mtu: readMtu(options),
    prefix: readPrefix(options),
  };
}
