/** Options of an endpoint (`docker network connect --driver-opt`). */
import { fail } from '../errors.ts';
import { isLinkName } from '../net/link-name.ts';
import type { EndpointSpec } from './endpoint.ts';

const nameOption = 'com.docker.network.endpoint.ifname';
const sysctlsOption = 'com.docker.network.endpoint.sysctls';

/** The interface name that was asked for, or ''. Throws NETWORK_OPTION_INVALID. */
export function askedInterfaceName({ driverOpts }: EndpointSpec): string {
  const name = driverOpts[nameOption] ?? '';
  if (name && (!isLinkName(name) || name === 'lo'))
    throw fail('NETWORK_OPTION_INVALID', `invalid interface name ${JSON.stringify(name)}`);
  return name;
}

export interface EndpointSysctl {
  /** Below /proc/sys, with slashes. */
  readonly key: string;
  readonly value: string;
}

/**
 * `net.ipv4.conf.IFNAME.log_martians=1,...`: settings of this endpoint's interface and of no other, the
 * word IFNAME standing for its name (the docker CLI writes option values in lower case). Throws
 * NETWORK_OPTION_INVALID.
 */
export function endpointSysctls({ driverOpts }: EndpointSpec, ifname: string): readonly EndpointSysctl[] {
  const text = driverOpts[sysctlsOption] ?? '';
  if (!text) return [];
  return text.split(',').map((setting) => {
    const [, family = '', table = '', name = '', value = ''] =
      /^net\.(ipv4|ipv6|mpls)\.(conf|neigh)\.(?:IFNAME|ifname)\.([^.=]+)=(.*)$/.exec(setting.trim()) ?? [];
    if (!name)
      throw fail(
        'NETWORK_OPTION_INVALID',
        `unrecognised sysctl setting ${JSON.stringify(setting)} in ${sysctlsOption}`,
      );
    return { key: ['net', family, table, ifname, name].join('/'), value };
  });
}
