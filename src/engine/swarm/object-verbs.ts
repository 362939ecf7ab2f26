/** Verbs of nodes, services, tasks, secrets and configs. Each is refused in Docker's words where this node is no manager. */
import type { SwarmVerbs } from '../swarm-verbs.ts';
import { configVerbs, secretVerbs } from './files.ts';
import { nodeVerbs } from './nodes.ts';
import { type ServiceCore, serviceVerbs } from './services.ts';
import { taskVerbs } from './tasks.ts';

export type ObjectVerbs = Pick<SwarmVerbs, 'state' | 'nodes' | 'services' | 'tasks' | 'secrets' | 'configs'>;

export const objectVerbs = (core: ServiceCore): ObjectVerbs => ({
  state: async () => {
    core.swarm.store();
    const { swarmState } = await import('./state.ts');
    return swarmState(core);
  },
  nodes: nodeVerbs(core),
  services: serviceVerbs(core),
  tasks: taskVerbs(core),
  secrets: secretVerbs(core),
  configs: configVerbs(core),
});
