/** Options that a network of any driver may have. */
import { fail, messageOf } from '../errors.ts';
import { readAnnouncing } from './announcing.ts';
import type { Driver } from './driver.ts';
import type { NetworkRequest, ParsedOptions } from './network.ts';
import { type Options, readBoolean } from './option-values.ts';

type Parser<O> = Pick<Driver<O>, 'parse'>;

/** Reads all options of a network. Throws NETWORK_OPTION_INVALID. */
export const parseOptions = <O>(driver: Parser<O>, options: Options): ParsedOptions<O> => ({
  driver: driver.parse(options),
  announcing: readAnnouncing(options),
  hostNames: readBoolean(options, 'seaway.host_names', true),
});

/** As `parseOptions`, for options that were accepted elsewhere: unreadable ones are left out and named in `invalid`. */
export function parseAccepted<O>(driver: Parser<O>, options: Options): ParsedOptions<O> {
  const wrong = new Map<string, string>();
  for (const [key, value] of Object.entries(options)) {
    try {
      parseOptions(driver, { [key]: value });
    } catch (error) {
      wrong.set(key, messageOf(error));
    }
  }
  const readable = Object.entries(options).filter(([key]) => !wrong.has(key));
  const parsed = parseOptions(driver, Object.fromEntries(readable));
  return wrong.size === 0 ? parsed : { ...parsed, invalid: [...wrong.values()].join('; ') };
}

const familyOptions = {
  enableIPv4: 'com.docker.network.enable_ipv4',
  enableIPv6: 'com.docker.network.enable_ipv6',
} as const;

/**
 * Families of a network by its flags, else by its options. An option that a flag overrides is not kept.
 * Throws NETWORK_OPTION_INVALID.
 */
export function decideFamilies<D extends Pick<NetworkRequest, 'enableIPv4' | 'enableIPv6' | 'options'>>(
  request: D,
): D {
  const options = { ...request.options };
  const decide = (field: keyof typeof familyOptions): boolean | undefined => {
    const key = familyOptions[field];
    if (request[field] === undefined) return readFamily(options, key);
    delete options[key];
    return request[field];
  };
  return { ...request, enableIPv4: decide('enableIPv4'), enableIPv6: decide('enableIPv6'), options };
}

function readFamily(options: Options, key: string): boolean | undefined {
  if (options[key] === undefined) return undefined;
  try {
    return readBoolean(options, key, false);
  } catch {
    throw fail('NETWORK_OPTION_INVALID', `driver-opt ${JSON.stringify(key)} is not a valid bool`);
  }
}
