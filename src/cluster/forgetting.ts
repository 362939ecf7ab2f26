/** Removes a host that will not come back: its addresses are freed and its endpoints removed. */
import { fail } from '../errors.ts';
import type { Node } from '../model/node.ts';
import { bare } from '../net/address.ts';
import { arrivals } from './arriving.ts';
import type { ClusterContext } from './context.ts';
import { readNodeValue, readPeerValue } from './formats.ts';
import { keys, placeOf } from './keys.ts';
import { Building, type Operations } from './operations.ts';
import { refresh, refreshAfter } from './refresh.ts';

/** `ref`: id, prefix of the id, or name. Throws CLUSTER_NODE_NOT_FOUND, CLUSTER_NODE_AMBIGUOUS, CLUSTER_NODE_LIVE. */
export async function forgetNode(context: ClusterContext, ref: string): Promise<Node> {
  const { standing, mirror } = context;
  if (standing.why) throw standing.why;
  await arrived(context, await refresh(context, ['nodes', 'live']));
  const node = findNode(context, ref);
  if (mirror.get(keys.live(node.id))) throw fail('CLUSTER_NODE_LIVE', node.name);
  for (const key of [...mirror.keys()])
    if (mirror.get(key)?.value.includes(node.id)) await dropKey(context, key, node.id);
  const building = begun(context, node.id);
  building.asKnown(mirror, keys.node(node.id));
  building.drop(keys.node(node.id));
  await done(context, building.operations());
  return node;
}

function findNode({ mirror }: ClusterContext, ref: string): Node {
  const nodes = [...mirror.in('nodes')].flatMap((key) =>
    placeOf(key)?.kind === 'node' ? (mirror.read(key, readNodeValue)?.node ?? []) : [],
  );
  const exact = nodes.filter(({ id, name }) => id === ref || name === ref);
  const found = exact.length > 0 || ref === '' ? exact : nodes.filter(({ id }) => id.startsWith(ref));
  const [node, ...more] = found;
  if (more.length > 0) throw fail('CLUSTER_NODE_AMBIGUOUS', ref, found.length);
  if (!node) throw fail('CLUSTER_NODE_NOT_FOUND', ref);
  return node;
}

/** Guarded by the absence of the host's live key. */
function begun({ mirror }: ClusterContext, node: string): Building {
  const building = new Building();
  building.asKnown(mirror, keys.epoch);
  building.compare.set(keys.live(node), { key: keys.live(node), absent: true });
  return building;
}

/** Removes an endpoint with its addresses, or an address without an endpoint. */
async function dropKey(context: ClusterContext, key: string, node: string): Promise<void> {
  const { mirror } = context;
  const place = placeOf(key);
  const building = begun(context, node);
  if (place?.kind === 'endpoint') {
    const peer = mirror.read(key, readPeerValue)?.peer;
    if (peer?.nodeId !== node) return;
    for (const address of peer.addresses.map(bare))
      dropClaim(building, keys.address(place.network, address), context, node);
    building.asKnown(mirror, key);
    building.drop(key);
  } else if (place?.kind === 'address') dropClaim(building, key, context, node);
  else return;
  await done(context, building.operations());
}

function dropClaim(building: Building, key: string, { mirror }: ClusterContext, node: string): void {
  if (mirror.claim(key)?.node !== node) return;
  building.asKnown(mirror, key);
  building.drop(key);
}

async function done(context: ClusterContext, { transaction }: Operations): Promise<void> {
  const { kv, mirror } = context;
  if ((transaction.remove ?? []).length === 0) return;
  const result = await kv.transact(transaction);
  if (result.ok)
    return arrived(context, mirror.learn({ removed: transaction.remove ?? [], revision: result.revision }));
  await context.arrive(await refreshAfter(context, transaction, result.others));
  throw fail('STORE_CONFLICT');
}

const arrived = (
  { view, mirror, here, standing, arrive }: ClusterContext,
  changed: readonly string[],
): Promise<void> => arrive(arrivals({ view, mirror, here, frozen: standing.isFrozen }, changed));
