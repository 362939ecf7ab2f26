/** Every route that is not hijacked. */
import type { Route } from '../route.ts';
import { absentRoutes } from './absent.ts';
import { containerRoutes } from './containers.ts';
import { containerFileRoutes } from './containers-files.ts';
import { containerLifeRoutes } from './containers-life.ts';
import { containerOutputRoutes } from './containers-output.ts';
import { distributionRoutes } from './distribution.ts';
import { eventRoutes } from './events.ts';
import { execRoutes } from './execs.ts';
import { imageRoutes } from './images.ts';
import { networkRoutes } from './networks.ts';
import { nodeRoutes } from './nodes.ts';
import { pluginRoutes } from './plugins.ts';
import { registryRoutes } from './registry.ts';
import { seawayRoutes } from './seaway.ts';
import { serviceRoutes } from './services.ts';
import { swarmRoutes } from './swarm.ts';
import { swarmFileRoutes } from './swarm-files.ts';
import { systemRoutes } from './system.ts';
import { taskRoutes } from './tasks.ts';
import { volumeRoutes } from './volumes.ts';

export const allRoutes: readonly Route[] = [
  ...systemRoutes,
  ...networkRoutes,
  ...containerRoutes,
  ...containerLifeRoutes,
  ...containerOutputRoutes,
  ...containerFileRoutes,
  ...execRoutes,
  ...imageRoutes,
  ...registryRoutes,
  ...volumeRoutes,
  ...pluginRoutes,
  ...eventRoutes,
  ...swarmRoutes,
  ...nodeRoutes,
  ...serviceRoutes,
  ...taskRoutes,
  ...swarmFileRoutes,
  ...seawayRoutes,
  ...absentRoutes,
  ...distributionRoutes,
];
