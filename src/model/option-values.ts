/** Parsers of option values, with the messages of Docker's parser (Go's strconv). */
import { fail, messageOf } from '../errors.ts';
import { parseBool, parseInteger } from '../go/strconv.ts';
import { formatAddress, readAddress } from '../net/address.ts';
import { type Family, familyOf } from '../net/family.ts';

export type Options = Readonly<Record<string, string>>;

function notParsed(key: string, value: string, why: string): Error {
  return fail('NETWORK_OPTION_INVALID', `failed to parse ${key} value: ${value} (${why})`);
}

function parsed<T>(key: string, value: string, parse: (text: string) => T): T {
  try {
    return parse(value);
  } catch (error) {
    throw notParsed(key, value, messageOf(error));
  }
}

const absent = (value: string | undefined): value is undefined => value === undefined;

/** Throws NETWORK_OPTION_INVALID. */
export function readBoolean(options: Options, key: string, otherwise: boolean): boolean {
  const value = options[key];
  if (absent(value)) return otherwise;
  return parsed(key, value, parseBool);
}

/** Throws NETWORK_OPTION_INVALID. */
export function readInteger(options: Options, key: string, otherwise: number): number {
  const value = options[key];
  if (absent(value)) return otherwise;
  return parsed(key, value, parseInteger);
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
  if (address && familyOf(address) !== family)
    throw notParsed(key, options[key] ?? '', `not an IPv${family} address`);
  return address;
}

/** One of a few words. `unknown` is Docker's message for others. Throws NETWORK_OPTION_INVALID. */
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
