/**
 * Which endpoint of a sandbox has the default route. Docker's rule: an endpoint
 * that was added as a way out comes last; the highest `gw-priority`, then a network
 * that leads out for both families, then the first name in lexical order; chosen separately for IPv4 and IPv6.
 */

import type { Family } from '../net/family.ts';
import type { Attached, DriverTable } from './driver.ts';
import type { Endpoint } from './endpoint.ts';
import { ownAddress } from './leases.ts';
import type { Network } from './network.ts';

export interface Attachment {
  readonly endpoint: Endpoint;
  readonly network: Network;
}

/** Docker's name for an endpoint on the network that leads out where no other one does (`way-out.ts`). */
export const addedPrefix = 'gateway_';

/** Whether an endpoint was added as a way out, without a request. */
export const isWayOut = ({ name, sandboxId, dnsNames }: Endpoint): boolean =>
  name === `${addedPrefix}${sandboxId.slice(0, 12)}` && dnsNames.length === 0;

/** Id of the endpoint, or '' where none can be a way out. */
export function chooseGateway(
  attachments: readonly Attachment[],
  { family, drivers }: { readonly family: Family; readonly drivers: DriverTable },
): string {
  const leads = (one: Attachment, of: Family): boolean =>
    drivers.find(one.network.driver).leadsOut(attachedOf(one), of) && hasAddress(one.endpoint, of);
  const count = (one: Attachment): number => Number(leads(one, 4)) + Number(leads(one, 6));
  const [best] = attachments
    .filter((one) => leads(one, family))
    .sort(
      (a, b) =>
        Number(isWayOut(a.endpoint)) - Number(isWayOut(b.endpoint)) ||
        b.endpoint.spec.gwPriority - a.endpoint.spec.gwPriority ||
        count(b) - count(a) ||
        compareText(a.network.name, b.network.name),
    );
  return best?.endpoint.id ?? '';
}

export const attachedOf = ({ endpoint: { answers }, network }: Attachment): Attached => ({
  network,
  ...(answers && { answers }),
});

const hasAddress = (endpoint: Endpoint, family: Family): boolean =>
  ownAddress(endpoint, family) !== undefined;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
