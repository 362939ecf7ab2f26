/** The commands of swarm mode. */
import { type Entry, inGroup } from './entry.ts';

const config = inGroup('config');
const node = inGroup('node');
const secret = inGroup('secret');
const service = inGroup('service');
const stack = inGroup('stack');
const swarm = inGroup('swarm');

const swarms: readonly Entry[] = [
  swarm('ca', 'Display and rotate the root CA', () => import('./commands/swarm/ca.ts')),
  swarm('init', 'Initialize a swarm', () => import('./commands/swarm/init.ts')),
  swarm('join', 'Join a swarm as a node and/or manager', () => import('./commands/swarm/join.ts')),
  swarm('join-token', 'Manage join tokens', () => import('./commands/swarm/join-token.ts')),
  swarm('leave', 'Leave the swarm', () => import('./commands/swarm/leave.ts')),
  swarm(
    'status',
    'Show which nodes lag behind, and the addresses in use',
    () => import('./commands/swarm/status.ts'),
  ),
  swarm('unlock', 'Unlock swarm', () => import('./commands/swarm/unlock.ts')),
  swarm('unlock-key', 'Manage the unlock key', () => import('./commands/swarm/unlock-key.ts')),
  swarm('update', 'Update the swarm', () => import('./commands/swarm/update.ts')),
];

const nodes: readonly Entry[] = [
  node(
    'demote',
    'Demote one or more nodes from manager in the swarm',
    () => import('./commands/node/demote.ts'),
  ),
  node(
    'inspect',
    'Display detailed information on one or more nodes',
    () => import('./commands/node/inspect.ts'),
  ),
  node('ls', 'List nodes in the swarm', () => import('./commands/node/ls.ts'), ['list']),
  node(
    'promote',
    'Promote one or more nodes to manager in the swarm',
    () => import('./commands/node/promote.ts'),
  ),
  node(
    'ps',
    'List tasks running on one or more nodes, defaults to current node',
    () => import('./commands/node/ps.ts'),
  ),
  node('rm', 'Remove one or more nodes from the swarm', () => import('./commands/node/rm.ts'), ['remove']),
  node('update', 'Update a node', () => import('./commands/node/update.ts')),
];

const services: readonly Entry[] = [
  service('create', 'Create a new service', () => import('./commands/service/create.ts')),
  service(
    'inspect',
    'Display detailed information on one or more services',
    () => import('./commands/service/inspect.ts'),
  ),
  service('logs', 'Fetch the logs of a service or task', () => import('./commands/service/logs.ts')),
  service('ls', 'List services', () => import('./commands/service/ls.ts'), ['list']),
  service('ps', 'List the tasks of one or more services', () => import('./commands/service/ps.ts')),
  service('rm', 'Remove one or more services', () => import('./commands/service/rm.ts'), ['remove']),
  service(
    'rollback',
    "Revert changes to a service's configuration",
    () => import('./commands/service/rollback.ts'),
  ),
  service('scale', 'Scale one or multiple replicated services', () => import('./commands/service/scale.ts')),
  service('update', 'Update a service', () => import('./commands/service/update.ts')),
];

const files: readonly Entry[] = [
  config('create', 'Create a config from a file or STDIN', () => import('./commands/config/create.ts')),
  config(
    'inspect',
    'Display detailed information on one or more configs',
    () => import('./commands/config/inspect.ts'),
  ),
  config('ls', 'List configs', () => import('./commands/config/ls.ts'), ['list']),
  config('rm', 'Remove one or more configs', () => import('./commands/config/rm.ts'), ['remove']),
  secret(
    'create',
    'Create a secret from a file or STDIN as content',
    () => import('./commands/secret/create.ts'),
  ),
  secret(
    'inspect',
    'Display detailed information on one or more secrets',
    () => import('./commands/secret/inspect.ts'),
  ),
  secret('ls', 'List secrets', () => import('./commands/secret/ls.ts'), ['list']),
  secret('rm', 'Remove one or more secrets', () => import('./commands/secret/rm.ts'), ['remove']),
];

const stacks: readonly Entry[] = [
  stack(
    'config',
    'Outputs the final config file, after doing merges and interpolations',
    () => import('./commands/stack/config.ts'),
  ),
  stack(
    'deploy',
    'Deploy a new stack or update an existing stack',
    () => import('./commands/stack/deploy.ts'),
    ['up'],
  ),
  stack('ls', 'List stacks', () => import('./commands/stack/ls.ts'), ['list']),
  stack('ps', 'List the tasks in the stack', () => import('./commands/stack/ps.ts')),
  stack('rm', 'Remove one or more stacks', () => import('./commands/stack/rm.ts'), ['remove', 'down']),
  stack('services', 'List the services in the stack', () => import('./commands/stack/services.ts')),
];

export const swarmEntries: readonly Entry[] = [...swarms, ...nodes, ...services, ...files, ...stacks];

export const swarmGroups: Readonly<Record<string, string>> = {
  config: 'Manage Swarm configs',
  node: 'Manage Swarm nodes',
  secret: 'Manage Swarm secrets',
  service: 'Manage Swarm services',
  stack: 'Manage Swarm stacks',
  swarm: 'Manage Swarm',
};
