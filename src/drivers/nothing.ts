/** Members of drivers whose networks have no kernel objects. */
import type { Driver, EndpointShape } from '../model/driver.ts';

/** Of drivers whose endpoints have no interface. */
const noInterface: EndpointShape = { ifname: '', ifPrefix: '', hostLink: '', mac: false };

export const nothingThere = {
  parse: () => undefined,
  leadsOut: () => false,
  hostAddress: () => undefined,
  linkName: () => '',
  endpointShape: () => noInterface,
  planNetwork: () => [],
  planEndpoint: () => [],
} satisfies Partial<Driver>;
