/** A node's set in parts, of which only those are sent that changed. */
import type { Network } from '../model/network.ts';
import type { Node } from '../model/node.ts';
import type { Peer } from '../model/peer.ts';
import type { MeshPort, VirtualService } from '../model/virtual-service.ts';
import type { AssignedFile, Assignments } from './assignments.ts';
import type { SwarmTask } from './records.ts';

interface PartTypes {
  readonly tasks: SwarmTask;
  readonly networks: Network;
  /** All of a service in a network, those on the node itself, too. */
  readonly peers: readonly Peer[];
  readonly nodes: Node;
  readonly services: VirtualService;
  /** All of a service. */
  readonly meshPorts: readonly MeshPort[];
  readonly secrets: AssignedFile;
  readonly configs: AssignedFile;
}
type PartKind = keyof PartTypes;
export type Part = PartTypes[PartKind];

/** By `KIND ID`. A part that says the same is the same object. */
export type Parts = ReadonlyMap<string, Part>;

export interface PartsHead {
  /** Its own tasks are no peers; '' where it sorts them out itself. */
  readonly nodeId?: string;
  readonly generation: number;
  readonly revision: number;
}

export const partKey = (kind: PartKind, id: string): string => `${kind} ${id}`;

/** In the order of their keys, so that equal parts give equal sets. */
export function assemble(parts: Parts, { nodeId, generation, revision }: PartsHead): Assignments {
  const sorted = [...parts].sort(([a], [b]) => (a < b ? -1 : 1));
  // the kind in a key tells the type of its part
  const of = <K extends PartKind>(kind: K): PartTypes[K][] =>
    sorted.filter(([key]) => key.startsWith(`${kind} `)).map(([, part]) => part as PartTypes[K]);
  return {
    generation,
    revision,
    tasks: of('tasks'),
    networks: of('networks'),
    peers: of('peers')
      .flat()
      .filter((peer) => peer.nodeId !== nodeId),
    nodes: of('nodes'),
    services: of('services'),
    meshPorts: of('meshPorts').flat(),
    secrets: of('secrets'),
    configs: of('configs'),
  };
}

export interface PartsChange {
  readonly put: Readonly<Record<string, Part>>;
  readonly gone: readonly string[];
}

/** Undefined where nothing differs. */
export function partsBetween(before: Parts, after: Parts): PartsChange | undefined {
  const put = [...after].filter(([key, part]) => before.get(key) !== part);
  const gone = [...before.keys()].filter((key) => !after.has(key));
  return put.length === 0 && gone.length === 0 ? undefined : { put: Object.fromEntries(put), gone };
}

export const withChange = (before: Parts, { put, gone }: PartsChange): Parts => {
  const parts = new Map([...before, ...Object.entries(put)]);
  for (const key of gone) parts.delete(key);
  return parts;
};
