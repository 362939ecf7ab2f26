/** Overlay networks belong to a swarm: until this engine can be part of one, they are refused by name. */
import { fail } from '../errors.ts';
import type { Driver } from '../model/driver.ts';
import { nothingThere } from './nothing.ts';

export const overlay: Driver = {
  ...nothingThere,
  name: 'overlay',
  scope: 'global',
  singleInstance: false,
  needsAddresses: true,
  hasInterfaces: true,
  sharesHost: false,
  sharesLink: false,
  validate() {
    throw fail('NOT_SWARM_MANAGER');
  },
  wantsGateway: () => true,
};
