/** Reading option values. What is not valid is refused in the words of Docker's parser (Go's strconv). */
import { fail } from '../errors.ts';
import { formatAddress, readAddress, versionOf } from '../ipam/address.ts';
import type { Family } from '../model/network.ts';
import { isLinkName } from '../net/link-name.ts';

export type Options = Readonly<Record<string, string>>;

const truths = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const falsehoods = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

function notParsed(key: string, value: string, why: string): Error {
  return fail('NETWORK_OPTION_INVALID', `failed to parse ${key} value: ${value} (${why})`);
}

const absent = (value: string | undefined): value is undefined => value === undefined;

/** Throws NETWORK_OPTION_INVALID. */
export function readBoolean(options: Options, key: string, otherwise: boolean): boolean {
  const value = options[key];
  if (absent(value)) return otherwise;
  if (truths.includes(value)) return true;
  if (falsehoods.includes(value)) return false;
  throw notParsed(key, value, `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}

/** Throws NETWORK_OPTION_INVALID. */
export function readInteger(options: Options, key: string, otherwise: number): number {
  const value = options[key];
  if (absent(value)) return otherwise;
  if (!/^[+-]?\d+$/.test(value))
    throw notParsed(key, value, `strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`);
  return Number(value);
}

/** An IP address as the kernel writes it; '' where it is absent. Throws NETWORK_OPTION_INVALID. */
export function readIp(options: Options, key: string): string {
  const value = options[key];
  if (absent(value)) return '';
  const address = readAddress(value);
  if (!address) throw notParsed(key, value, 'nil ip');
  return formatAddress(address);
}

/** As `readIp`, of that family only. */
export function readIpOf(options: Options, key: string, family: Family): string {
  const address = readIp(options, key);
  if (address && versionOf(address) !== family)
    throw notParsed(key, options[key] ?? '', `not an IPv${family} address`);
  return address;
}

/** One of a few words. `unknown` is what Docker says of any other. Throws NETWORK_OPTION_INVALID. */
export function readWord<W extends string>(
  options: Options,
  key: string,
  choice: { readonly words: readonly W[]; readonly otherwise: W; unknown(value: string): string },
): W {
  const value = options[key];
  if (absent(value) || value === '') return choice.otherwise;
  const word = choice.words.find((known) => known === value);
  if (!word) throw fail('NETWORK_OPTION_INVALID', choice.unknown(value));
  return word;
}

/** As `readWord`, refused as a value that cannot be parsed. */
export function readParsedWord<W extends string>(
  options: Options,
  key: string,
  choice: { readonly words: readonly W[]; readonly otherwise: W; unknown(value: string): string },
): W {
  return readWord(options, key, {
    ...choice,
    unknown: (value) => `failed to parse ${key} value: ${value} (${choice.unknown(value)})`,
  });
}

export const mtuOption = 'com.docker.network.driver.mtu';
export const prefixOption = 'com.docker.network.container_iface_prefix';

/** 0 where it is left open (as Docker reads 0). Throws NETWORK_OPTION_INVALID. */
export function readMtu(options: Options): number {
  const mtu = readInteger(options, mtuOption, 0);
  // ETH_MIN_MTU and ETH_MAX_MTU, linux/if_ether.h
  if (mtu !== 0 && (mtu < 68 || mtu > 65535))
    throw fail('NETWORK_OPTION_INVALID', `invalid MTU number: ${mtu}`);
  return mtu;
}

/** IPv6 is off on a link with a smaller MTU than 1280 (RFC 8200 section 5). */
export function refuseSmallMtu(mtu: number, ipv6: boolean | undefined): void {
  if (ipv6 && mtu !== 0 && mtu < 1280)
    throw fail('NETWORK_OPTION_INVALID', `invalid MTU number: ${mtu}: IPv6 needs at least 1280`);
}

/** Whether containers find the host by `host.docker.internal`. Throws NETWORK_OPTION_INVALID. */
export const wantsHostNames = (options: Options): boolean => readBoolean(options, 'seaway.host_names', true);

/** What a number is put behind inside a sandbox. Throws NETWORK_OPTION_INVALID. */
export function readPrefix(options: Options): string {
  const prefix = options[prefixOption] || 'eth';
  if (!isLinkName(`${prefix}000`))
    throw fail(
      'NETWORK_OPTION_INVALID',
      `invalid ${prefixOption} value: ${prefix}: not the start of a link name`,
    );
  return prefix;
}
