/** Tasks that wait for a node get one, with all that they need there. */
import { networksOf } from '../defaults.ts';
import type { SwarmNetwork, SwarmService, SwarmTask, TaskAttachment } from '../records.ts';
import { isAssigned, isWanted } from '../task-state.ts';
import { familiesOf, noAddress } from './endpoint.ts';
import { NumberBook } from './number-book.ts';
import { placeTask } from './placing.ts';
import type { Work } from './work.ts';

/** Of conntrack marks. */
const backendNumbers = { first: 1, last: 4095 };

/** True where a task has to go on waiting. */
export function assignWaiting(
  work: Work,
  service: SwarmService,
  { problem }: { readonly problem: string },
): boolean {
  const tasks = [...work.view.tasksOfService(service.id)];
  const waiting = tasks.filter((task) => isWanted(task) && !isAssigned(task));
  if (waiting.length === 0) return false;
  const numbers = numbersOf(tasks);
  let waits = false;
  for (const task of waiting) {
    const why = problem || assign(work, { task, service, numbers });
    if (why === '') continue;
    waits = true;
    const state = problem ? 'new' : 'pending';
    const message = problem ? 'created' : 'pending task scheduling';
    const { status } = task;
    if (status.state !== state || status.error !== why)
      work.task({ ...task, status: { timestamp: work.at, state, message, error: why } });
  }
  return waits;
}

function numbersOf(tasks: readonly SwarmTask[]): NumberBook {
  const numbers = new NumberBook(backendNumbers);
  for (const task of tasks) {
    numbers.hold(task.number ?? 0, task.createdAt);
    if (isGone(task)) numbers.release(task.number ?? 0);
  }
  return numbers;
}

const isGone = ({ status }: SwarmTask): boolean =>
  ['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned'].includes(status.state);

/** Gives the reason where it cannot be. */
function assign(
  work: Work,
  {
    task,
    service,
    numbers,
  }: { readonly task: SwarmTask; readonly service: SwarmService; readonly numbers: NumberBook },
): string {
  const { node, problem } = placeTask(work, task);
  if (!node) return problem;
  const networks = networksOf(service.spec).flatMap((config) => {
    const network = work.view.get('networks', config.Target ?? '');
    return network ? [{ network, config }] : [];
  });
  const isServed = networks.some(({ network }) => familiesOf(network).length > 0) || task.ports.length > 0;
  const number = isServed ? numbers.next() : undefined;
  if (isServed && number === undefined) return 'the service has 4095 tasks, the most that can be told apart';
  const attachments: TaskAttachment[] = [];
  for (const { network, config } of networks) {
    const place = attachTo(work, network);
    if (!place) return noAddress(network);
    const { Aliases = [], DriverOpts } = config;
    attachments.push({
      networkId: network.id,
      ...place,
      aliases: Aliases,
      ...(DriverOpts ? { driverOpts: DriverOpts } : {}),
    });
  }
  if (number !== undefined) numbers.hold(number, work.at);
  const message =
    task.nodeId === ''
      ? 'scheduler assigned task to node'
      : 'scheduler confirmed task can run on preassigned node';
  work.task({
    ...task,
    nodeId: node.id,
    attachments,
    ...(number === undefined ? {} : { number }),
    status: { timestamp: work.at, state: 'assigned', message, error: '' },
  });
  return '';
}

/** An address of each family and a MAC; undefined where no address is left. */
export function attachTo(
  work: Work,
  network: SwarmNetwork,
  asked: readonly string[] = [],
): Pick<TaskAttachment, 'addresses' | 'mac'> | undefined {
  const families = familiesOf(network);
  const addresses: string[] = [];
  for (const family of families) {
    const own = asked.find((one) => one.includes(':') === (family === 6));
    const address =
      own === undefined
        ? work.ledger.addresses.next(network.id, family)
        : work.ledger.addresses.particular(network.id, own);
    if (address === undefined) return undefined;
    addresses.push(address);
  }
  if (families.length === 0) return { addresses, mac: '' };
  let mac = work.moment.generate.mac();
  while (work.ledger.addresses.hasMac(network.id, mac)) mac = work.moment.generate.mac();
  return { addresses, mac };
}
