/** `/tasks`. */
import type { SwarmVerbs } from '../../engine/swarm-verbs.ts';
import { fail } from '../../errors.ts';
import { type SwarmTask, taskStates } from '../../swarm/records.ts';
import { withUnserved } from '../../swarm/unserved.ts';
import { type Filters, parseFilters } from '../filters.ts';
import { presentTask } from '../presenters/task.ts';
import { type Answer, type Call, json, type Route, route } from '../route.ts';
import { swarmLogs } from './swarm-logs.ts';
import { inOrder, passesNames, ref } from './swarm-queries.ts';

/** `web.1.7q92v0nr1hcgts2amcjyqg3pq`; the tasks of a global service have their node's id for a slot. */
const nameOf = ({ service, slot, nodeId, id }: SwarmTask): string =>
  `${service.Name}.${slot > 0 ? slot : nodeId}.${id}`;

/** Services and nodes of a filter are looked up; the states must be states. */
function taskTest(filters: Filters, swarm: SwarmVerbs): (task: SwarmTask) => boolean {
  const services = filters.values('service').map((each) => swarm.services.get(each).id);
  const nodes = filters.values('node').map((each) => swarm.nodes.get(each).id);
  const states = filters.values('desired-state').map((each) => each.toLowerCase());
  const wrong = states.findIndex((each) => each !== '' && !taskStates.some((state) => state === each));
  if (wrong >= 0)
    throw fail('SWARM_FAILED', `Invalid desired-state filter: '${filters.values('desired-state')[wrong]}'`);
  const among = (wanted: readonly string[], subject: string): boolean =>
    wanted.length === 0 || wanted.includes(subject);
  return (task) =>
    passesNames(filters, { id: task.id, name: nameOf(task) }) &&
    among(services, task.serviceId) &&
    among(nodes, task.nodeId) &&
    among(states, task.desiredState) &&
    filters.labels('label', task.service.Labels) &&
    filters.exactly('runtime', task.serviceId === '' ? 'attachment' : 'container') &&
    (!filters.has('_up-to-date') || swarm.tasks.isUpToDate(task));
}

const known = ['name', 'id', 'label', 'service', 'node', 'desired-state', 'runtime', '_up-to-date'];

function list({ engine: { swarm }, query }: Call): Answer {
  const filters = parseFilters(query.text('filters'), known);
  const tasks = inOrder(swarm.tasks.list()).filter(taskTest(filters, swarm));
  const noted = withUnserved(swarm.nodes.list());
  return json(tasks.map((task) => presentTask(noted(task), swarm.tasks.network)));
}

export const taskRoutes: readonly Route[] = [
  route('GET', '/tasks', list),
  route('GET', '/tasks/:id', (call) => {
    const { tasks, nodes } = call.engine.swarm;
    const task = tasks.get(ref(call));
    return json(presentTask(withUnserved(nodes.list())(task), tasks.network));
  }),
  route('GET', '/tasks/:id/logs', (call) => {
    const { tasks } = call.engine.swarm;
    const { id, spec } = tasks.get(ref(call));
    const tty = spec.ContainerSpec?.TTY ?? false;
    return swarmLogs(call, { tty, read: (options) => tasks.logs(id, options) });
  }),
];
