/** Options that a network of any driver may have. */
import { readAnnouncing } from './announcing.ts';
import { type Options, readBoolean } from './option-values.ts';

/** Whether containers find the host by `host.docker.internal`. Throws NETWORK_OPTION_INVALID. */
export const wantsHostNames = (options: Options): boolean => readBoolean(options, 'seaway.host_names', true);

/** Throws NETWORK_OPTION_INVALID. */
export function checkNetworkOptions(options: Options): void {
  readAnnouncing(options);
  wantsHostNames(options);
}
