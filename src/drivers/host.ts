/** The host driver: containers that share the engine's own network namespace. */
import { fail } from '../errors.ts';
import { type Driver, noInterface } from './driver.ts';

export const host: Driver = {
  name: 'host',
  scope: 'local',
  singleInstance: true,
  needsAddresses: false,
  publishesPorts: false,
  sharesLink: false,
  validate() {
    throw fail('NETWORK_SINGLE_INSTANCE', 'host');
  },
  wantsGateway: () => false,
  leadsOut: () => false,
  linkName: () => '',
  endpointShape: () => noInterface,
  planNetwork: () => [],
  planEndpoint: () => [],
};
