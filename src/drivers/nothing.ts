/** What drivers answer whose networks have nothing in the kernel. */
import type { Driver, EndpointShape } from '../model/driver.ts';

/** For drivers whose endpoints have no interface. */
const noInterface: EndpointShape = { ifname: '', ifPrefix: '', hostLink: '', mac: false };

export const nothingThere = {
  leadsOut: () => false,
  hostAddress: () => undefined,
  linkName: () => '',
  endpointShape: () => noInterface,
  planNetwork: () => [],
  planEndpoint: () => [],
} satisfies Partial<Driver>;
