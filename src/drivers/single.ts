/** Drivers with a single, predefined network and no kernel objects. */
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

/** Containers that share the host's network namespace. */
export const host = single('host', true);

/** Containers whose network namespace has only the loopback link. */
export const none = single('null', false);
