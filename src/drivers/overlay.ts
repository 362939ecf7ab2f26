/** Overlay networks belong to a swarm: until this engine can be part of one, they are refused by name. */
import { fail } from '../errors.ts';
import { type Driver, nothingThere } from './driver.ts';

export const overlay: Driver = {
  ...nothingThere,
  name: 'overlay',
  scope: 'global',
  singleInstance: false,
  needsAddresses: true,
  sharesLink: false,
  validate() {
    throw fail('NOT_SWARM_MANAGER');
  },
  wantsGateway: () => true,
};
