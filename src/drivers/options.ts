/** Options that several drivers have. */
import { fail } from '../errors.ts';
import { type Options, readInteger } from '../model/option-values.ts';
import { isLinkName } from '../net/link-name.ts';
import { leastMtuOfIPv6 } from '../net/mtu.ts';

export const mtuOption = 'com.docker.network.driver.mtu';
export const prefixOption = 'com.docker.network.container_iface_prefix';

/** 0 for the driver's default, as in Docker. Throws NETWORK_OPTION_INVALID. */
export function readMtu(options: Options): number {
  const mtu = readInteger(options, mtuOption, 0);
  // ETH_MIN_MTU and ETH_MAX_MTU, linux/if_ether.h
  if (mtu !== 0 && (mtu < 68 || mtu > 65535))
    throw fail('NETWORK_OPTION_INVALID', `invalid MTU number: ${mtu}`);
  return mtu;
}

/** Throws NETWORK_OPTION_INVALID. */
export function refuseSmallMtu(mtu: number, ipv6: boolean | undefined): void {
  if (ipv6 && mtu !== 0 && mtu < leastMtuOfIPv6)
    throw fail('NETWORK_OPTION_INVALID', `invalid MTU number: ${mtu}: IPv6 needs at least 1280`);
}

/** Interface name prefix (`eth` gives `eth0`, `eth1`). Throws NETWORK_OPTION_INVALID. */
export function readPrefix(options: Options): string {
  const prefix = options[prefixOption] || 'eth';
  if (!isLinkName(`${prefix}000`))
    throw fail(
      'NETWORK_OPTION_INVALID',
      `invalid ${prefixOption} value: ${prefix}: not the start of a link name`,
    );
  return prefix;
}
