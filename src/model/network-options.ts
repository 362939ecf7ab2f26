/** Options that a network of any driver may have. */
import { fail } from '../errors.ts';
import { readAnnouncing } from './announcing.ts';
import type { NetworkRequest } from './network.ts';
import { type Options, readBoolean } from './option-values.ts';

/** Whether containers find the host by `host.docker.internal`. Throws NETWORK_OPTION_INVALID. */
export const wantsHostNames = (options: Options): boolean => readBoolean(options, 'seaway.host_names', true);

/** Throws NETWORK_OPTION_INVALID. */
export function checkNetworkOptions(options: Options): void {
  readAnnouncing(options);
  wantsHostNames(options);
}

const familyOptions = {
  enableIPv4: 'com.docker.network.enable_ipv4',
  enableIPv6: 'com.docker.network.enable_ipv6',
} as const;

/**
 * Which families a network has: as its flag says, else as its option. An option that a flag overrides is not kept.
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
