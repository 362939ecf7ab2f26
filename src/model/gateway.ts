/**
 * Which endpoint of a sandbox has the default route. Docker's rule: the highest `gw-priority`, then a network
 * that leads out for both families, then the first name in lexical order; chosen separately for IPv4 and IPv6.
 */

import type { Family } from '../net/family.ts';
import type { DriverTable } from './driver.ts';
import type { Endpoint } from './endpoint.ts';
import { ownAddress } from './leases.ts';
import type { Network } from './network.ts';

export interface Attachment {
  readonly endpoint: Endpoint;
  readonly network: Network;
}

/** Id of the endpoint, or '' where none can be a way out. */
export function chooseGateway(
  attachments: readonly Attachment[],
  { family, drivers }: { readonly family: Family; readonly drivers: DriverTable },
): string {
  const isWayOut = ({ endpoint, network }: Attachment, of: Family): boolean =>
    drivers.find(network.driver).leadsOut(attachedBy(endpoint, network), of) && hasAddress(endpoint, of);
  const waysOut = (one: Attachment): number => Number(isWayOut(one, 4)) + Number(isWayOut(one, 6));
  const [best] = attachments
    .filter((one) => isWayOut(one, family))
    .sort(
      (a, b) =>
        b.endpoint.spec.gwPriority - a.endpoint.spec.gwPriority ||
        waysOut(b) - waysOut(a) ||
        compareText(a.network.name, b.network.name),
    );
  return best?.endpoint.id ?? '';
}

const attachedBy = ({ answers }: Endpoint, network: Network) => ({ network, ...(answers && { answers }) });

const hasAddress = (endpoint: Endpoint, family: Family): boolean =>
  ownAddress(endpoint, family) !== undefined;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
