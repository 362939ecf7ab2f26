/** Lists of `seaway swarm status`. */
import type { NodeProgress, SubnetUse } from '#client/seaway-answers.ts';
import type { Listing } from '../table/listing.ts';
import { titled } from './nodes.ts';

function progressOf({ Revision, BehindSeconds }: NodeProgress, newest: number): string {
  if (Revision === null) return 'unknown here';
  if (Revision >= newest) return 'up to date';
  return `${newest - Revision} behind${BehindSeconds > 0 ? ` for ${BehindSeconds}s` : ''}`;
}

export const progressListing = (newest: number): Listing<NodeProgress> => ({
  columns: {
    ID: { header: 'ID', value: ({ ID }) => ID },
    Hostname: { header: 'HOSTNAME', value: ({ Hostname }) => Hostname },
    Status: { header: 'STATUS', value: ({ Status }) => titled(Status) },
    Progress: { header: 'NETWORK STATE', value: (node) => progressOf(node, newest) },
    BusyPorts: { header: 'PORTS NOT SERVED', value: ({ BusyPorts }) => BusyPorts.join(', ') },
  },
  table: 'table {{.ID}}\t{{.Hostname}}\t{{.Status}}\t{{.Progress}}\t{{.BusyPorts}}',
  type: '*swarm.progressContext',
});

export interface SubnetLine extends SubnetUse {
  readonly Name: string;
  readonly Subnet: string;
}

export const addressListing: Listing<SubnetLine> = {
  columns: {
    Name: { header: 'NETWORK', value: ({ Name }) => Name },
    Subnet: { header: 'SUBNET', value: ({ Subnet }) => Subnet },
    Used: { header: 'IN USE', value: ({ IPsInUse }) => String(IPsInUse) },
    Free: { header: 'FREE', value: ({ DynamicIPsAvailable }) => String(DynamicIPsAvailable) },
  },
  table: 'table {{.Name}}\t{{.Subnet}}\t{{.Used}}\t{{.Free}}',
  type: '*swarm.addressContext',
};
