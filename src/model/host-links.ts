/** The links that a network has on the host. */
import { findDriver } from '../drivers/registry.ts';
import type { Network } from './network.ts';

/** Its own, and the one by which the host reaches its endpoints; mostly there is but one. */
export const hostLinksOf = (network: Network): readonly string[] =>
  [network.link, findDriver(network.driver).hostAccess?.link(network) ?? ''].filter((name) => name !== '');
