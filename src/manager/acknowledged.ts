/** What nodes have acknowledged, as managers tell it to the one that leads. Pure. */

/** What the nodes of one manager have acknowledged. */
export interface Acknowledged {
  /** That manager has seen it, and so have all its nodes that are not behind. */
  readonly revision: number;
  readonly nodes: readonly string[];
  /** Node to the revision that it has acknowledged. */
  readonly behind: Readonly<Record<string, number>>;
}

export const acknowledgedBy = (one: Acknowledged | undefined, nodeId: string): number =>
  one?.nodes.includes(nodeId) ? (one.behind[nodeId] ?? one.revision) : 0;
