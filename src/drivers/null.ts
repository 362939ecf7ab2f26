/** The null driver: a namespace of one's own with nothing but the loopback link. */
import { fail } from '../errors.ts';
import { type Driver, noInterface } from './driver.ts';

export const none: Driver = {
  name: 'null',
  scope: 'local',
  singleInstance: true,
  needsAddresses: false,
  publishesPorts: false,
  sharesLink: false,
  validate() {
    throw fail('NETWORK_SINGLE_INSTANCE', 'null');
  },
  wantsGateway: () => false,
  leadsOut: () => false,
  linkName: () => '',
  endpointShape: () => noInterface,
  planNetwork: () => [],
  planEndpoint: () => [],
};
