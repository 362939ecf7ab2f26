/** Options of an endpoint (`docker network connect --driver-opt`), the same for all drivers. */
import { fail } from '../errors.ts';
import { isLinkName } from '../net/link-name.ts';
import type { EndpointRates, EndpointSpec, InterfaceSysctl } from './endpoint.ts';
import { parseRates } from './rates.ts';

const nameOption = 'com.docker.network.endpoint.ifname';
export const sysctlsOption = 'com.docker.network.endpoint.sysctls';

export interface EndpointOptions {
  /** Name of the interface; '' for any. */
  readonly ifname: string;
  readonly sysctls: readonly InterfaceSysctl[];
  readonly rates?: EndpointRates;
}

/** Throws NETWORK_OPTION_INVALID. */
export function parseEndpointOptions(spec: Pick<EndpointSpec, 'driverOpts'>): EndpointOptions {
  const rates = parseRates(spec.driverOpts);
  return { sysctls: parseSysctls(spec), ifname: parseInterfaceName(spec), ...(rates && { rates }) };
}

/** The requested interface name, or ''. Throws NETWORK_OPTION_INVALID. */
export function parseInterfaceName({ driverOpts }: Pick<EndpointSpec, 'driverOpts'>): string {
  const name = driverOpts[nameOption] ?? '';
  if (name && (!isLinkName(name) || name === 'lo'))
    throw fail('NETWORK_OPTION_INVALID', `invalid interface name ${JSON.stringify(name)}`);
  return name;
}

/**
 * `net.ipv4.conf.IFNAME.log_martians=1,...`: settings of this endpoint's interface and of no other, the
 * word IFNAME standing for its name (the docker CLI writes option values in lower case). Throws
 * NETWORK_OPTION_INVALID.
 */
export function parseSysctls({ driverOpts }: Pick<EndpointSpec, 'driverOpts'>): readonly InterfaceSysctl[] {
  const text = driverOpts[sysctlsOption] ?? '';
  if (!text) return [];
  return text.split(',').map((setting) => {
    const [, tree = '', name = '', value = ''] =
      /^net\.((?:ipv4|ipv6|mpls)\.(?:conf|neigh))\.(?:IFNAME|ifname)\.([^.=]+)=(.*)$/.exec(setting.trim()) ??
      [];
    if (!name)
      throw fail(
        'NETWORK_OPTION_INVALID',
        `unrecognised sysctl setting ${JSON.stringify(setting)} in ${sysctlsOption}`,
      );
    return { tree: tree.replace('.', '/'), name, value };
  });
}
