/** Lists of nodes, and changes of their specs. */
import type { Client } from '#client/client.ts';
import type { Context } from '../context.ts';
import type { Listing } from '../table/listing.ts';
import type { Node, NodeSpec, TlsInfo } from './types.ts';

/** What `/info` says of the swarm, as far as lists of nodes need it. */
export interface SwarmInfo {
  readonly NodeID?: string;
  readonly LocalNodeState?: string;
  readonly ControlAvailable?: boolean;
  readonly Cluster?: { readonly TLSInfo?: TlsInfo };
}

export const swarmInfo = async (engine: Client): Promise<SwarmInfo> =>
  (await engine.get<{ Swarm?: SwarmInfo }>('/info')).Swarm ?? {};

export const titled = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const hasNone = (tls: TlsInfo | undefined): boolean => Object.keys(tls ?? {}).length === 0;

function tlsStatus(node: Node, swarm: SwarmInfo): string {
  const [own, wanted] = [node.Description.TLSInfo, swarm.Cluster?.TLSInfo];
  if (hasNone(own) || hasNone(wanted)) return 'Unknown';
  const isSame =
    own?.TrustRoot === wanted?.TrustRoot &&
    own?.CertIssuerSubject === wanted?.CertIssuerSubject &&
    own?.CertIssuerPublicKey === wanted?.CertIssuerPublicKey;
  return isSame ? 'Ready' : 'Needs Rotation';
}

function managerStatus({ ManagerStatus: status }: Node): string {
  if (status === undefined) return '';
  return status.Leader === true ? 'Leader' : titled(status.Reachability ?? '');
}

export const swarmNodeListing = (swarm: SwarmInfo): Listing<Node> => ({
  columns: {
    ID: { header: 'ID', value: ({ ID }) => ID },
    Self: { header: '', value: ({ ID }) => ID === swarm.NodeID },
    Hostname: { header: 'HOSTNAME', value: ({ Description }) => Description.Hostname ?? '' },
    Status: { header: 'STATUS', value: ({ Status }) => titled(Status.State ?? '') },
    Availability: { header: 'AVAILABILITY', value: ({ Spec }) => titled(Spec.Availability) },
    ManagerStatus: { header: 'MANAGER STATUS', value: managerStatus },
    EngineVersion: {
      header: 'ENGINE VERSION',
      value: ({ Description }) => Description.Engine?.EngineVersion ?? '',
    },
    TLSStatus: { header: 'TLS STATUS', value: (node) => tlsStatus(node, swarm) },
  },
  table:
    'table {{.ID}} {{if .Self}}*{{else}} {{ end }}\t{{.Hostname}}\t{{.Status}}\t{{.Availability}}\t{{.ManagerStatus}}\t{{.EngineVersion}}',
  type: '*node.nodeContext',
});

/** The changed spec; undefined where the node is that way already. */
type Change = (node: Node) => Promise<NodeSpec | undefined> | NodeSpec | undefined;

/** Change one after the other; the first failure ends it. */
export async function changeNodes(
  context: Context,
  names: readonly string[],
  { change, done }: { readonly change: Change; readonly done: (name: string) => string },
): Promise<void> {
  const engine = await context.engine();
  for (const name of names) {
    const node = await engine.get<Node>(`/nodes/${encodeURIComponent(name)}`);
    const spec = await change(node);
    if (spec === undefined) continue;
    const query = { version: node.Version.Index };
    await engine.text('POST', `/nodes/${encodeURIComponent(node.ID)}/update`, { json: spec, query });
    await context.print(`${done(name)}\n`);
  }
}

/** Give nodes another role. */
export const changeRoles = (
  context: Context,
  names: readonly string[],
  { role, done }: { readonly role: 'manager' | 'worker'; readonly done: (name: string) => string },
): Promise<void> =>
  changeNodes(context, names, {
    done,
    change: async ({ ID, Spec }) => {
      if (Spec.Role !== role) return { ...Spec, Role: role };
      await context.print(`Node ${ID} is already a ${role}.\n`);
      return undefined;
    },
  });
