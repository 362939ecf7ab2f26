/** Networks for tests, with their options read. */
import { driverTable } from '../../src/drivers/table.ts';
import { blankNetwork } from '../../src/model/blank.ts';
import type { CompleteRequest, Network, NetworkRequest } from '../../src/model/network.ts';
import { parseOptions } from '../../src/model/network-options.ts';

const drivers = driverTable();

/** `link`: as the driver names it, where it is ''. */
export function withParsed(network: Omit<Network, 'parsed'> & Partial<Pick<Network, 'parsed'>>): Network {
  const driver = drivers.find(network.driver);
  const parsed = parseOptions(driver, network.options);
  return { ...network, parsed, link: network.link || driver.linkName(network.id, parsed.driver) };
}

export const completed = (request: NetworkRequest): CompleteRequest => ({
  ...request,
  parsed: parseOptions(drivers.find(request.driver), request.options),
});

/** A bridge network without options. */
export const plainNetwork: Omit<Network, 'id' | 'name' | 'created'> = {
  ...blankNetwork,
  parsed: parseOptions(drivers.find('bridge'), {}),
};
