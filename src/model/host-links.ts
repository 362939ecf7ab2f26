/** The links that a network has on the host. */
import type { DriverTable } from './driver.ts';
import type { Network } from './network.ts';

/** The additional link by which the host reaches the network's endpoints; '' if it needs none. */
export const accessLinkOf = (drivers: DriverTable, network: Network): string =>
  drivers.find(network.driver).hostAccess?.link(network) ?? '';

/** Its own, and that by which the host reaches its endpoints; mostly there is but one. */
export const hostLinksOf = (drivers: DriverTable, network: Network): readonly string[] =>
  [network.link, accessLinkOf(drivers, network)].filter((name) => name !== '');
