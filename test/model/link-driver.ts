/** What drivers of tests have in common whose endpoints have an interface and an address. */
import { nothingThere } from '../../src/drivers/nothing.ts';

export const linkDriver = {
  ...nothingThere,
  singleInstance: false,
  needsAddresses: true,
  hasInterfaces: true,
  sharesHost: false,
  sharesLink: false,
  validate: () => undefined,
  wantsGateway: () => true,
};
