/** The drivers of which there is one network each, made with the engine: nothing is to be planned for them. */
import { fail } from '../errors.ts';
import type { Driver } from '../model/driver.ts';
import { nothingThere } from './nothing.ts';

const single = (name: string, sharesHost: boolean): Driver => ({
  ...nothingThere,
  name,
  scope: 'local',
  singleInstance: true,
  needsAddresses: false,
  hasInterfaces: false,
  sharesHost,
  sharesLink: false,
  validate() {
    throw fail('NETWORK_SINGLE_INSTANCE', name);
  },
  wantsGateway: () => false,
});

/** Containers that share the engine's own network namespace. */
export const host = single('host', true);

/** A namespace of one's own with nothing but the loopback link. */
export const none = single('null', false);
