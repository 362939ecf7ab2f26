/** Begins what this node does for its managers once it has one. What it needs is loaded then. */
import type { ContainerVerbs } from '../container-verbs.ts';
import type { Core } from '../core.ts';
import type { Serving } from './agent/agent.ts';
import { type LogSources, localLog } from './logs.ts';

/** Returns the way to end that, while what runs goes on. */
export function serveSwarm(
  core: Serving & LogSources & Pick<Core, 'logger'>,
  containers: ContainerVerbs,
): () => void {
  let turn = Promise.resolve();
  let isClosed = false;
  const agree = async (): Promise<void> => {
    const { swarm } = core;
    const { link } = swarm;
    if (isClosed || (link !== undefined) === (swarm.agent !== undefined)) return;
    if (!link) return swarm.clear();
    const { Agent } = await import('./agent/agent.ts');
    if (swarm.link !== link || isClosed) return;
    link.serveLogs((request, gone) => localLog(core, { ...request, gone }));
    const agent = new Agent({ core, containers, link });
    swarm.agent = agent;
    await agent.begin();
  };
  const look = (): Promise<void> => {
    turn = turn
      .then(agree)
      .catch((error) => core.logger.error('this node does not serve its swarm', { error }));
    return turn;
  };
  const forget = core.swarm.onStanding(look);
  void look();
  return () => {
    isClosed = true;
    forget();
    core.swarm.agent?.close();
  };
}
