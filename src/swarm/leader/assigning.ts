/** Tasks that wait for a node get one, with all that they need there. */
import { networksOf } from '../defaults.ts';
import type { SwarmNetwork, SwarmService, SwarmTask, TaskAttachment } from '../records.ts';
import { isAssigned, isWanted } from '../task-state.ts';
import { familiesOf, noAddress } from './endpoint.ts';
import { placeTask } from './placing.ts';
import type { Work } from './work.ts';

/** True where a task has to go on waiting. */
export function assignWaiting(
  work: Work,
  service: SwarmService,
  { problem }: { readonly problem: string },
): boolean {
  const waiting = [...work.view.tasksOfService(service.id)].filter(
    (task) => isWanted(task) && !isAssigned(task),
  );
  let waits = false;
  for (const task of waiting) {
    const why = problem || assign(work, { task, service });
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

/** Gives the reason where it cannot be. */
function assign(
  work: Work,
  { task, service }: { readonly task: SwarmTask; readonly service: SwarmService },
): string {
  const { node, problem } = placeTask(work, task);
  if (!node) return problem;
  const networks = networksOf(service.spec).flatMap((config) => {
    const network = work.view.get('networks', config.Target ?? '');
    return network ? [{ network, config }] : [];
  });
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
  const message =
    task.nodeId === ''
      ? 'scheduler assigned task to node'
      : 'scheduler confirmed task can run on preassigned node';
  work.task({
    ...task,
    nodeId: node.id,
    attachments,
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
