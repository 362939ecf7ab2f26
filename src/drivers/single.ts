/** The drivers of which there is one network each, made with the engine: nothing is to be planned for them. */
import { fail } from '../errors.ts';
import { type Driver, noInterface } from './driver.ts';

const single = (name: string): Driver => ({
  name,
  scope: 'local',
  singleInstance: true,
  needsAddresses: false,
  publishesPorts: false,
  sharesLink: false,
  validate() {
    throw fail('NETWORK_SINGLE_INSTANCE', name);
  },
  wantsGateway: () => false,
  leadsOut: () => false,
  hostAddress: () => undefined,
  linkName: () => '',
  endpointShape: () => noInterface,
  planNetwork: () => [],
  planEndpoint: () => [],
});

/** Containers that share the engine's own network namespace. */
export const host = single('host');

/** A namespace of one's own with nothing but the loopback link. */
export const none = single('null');
