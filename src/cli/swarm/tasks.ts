/** Lists of tasks: `service ps`, `node ps`, `stack ps`. */
import { humanDuration } from '../../go/duration.ts';
import type { Context } from '../context.ts';
import { type Listing, renderList } from '../table/listing.ts';
import { familiarName, fullName } from '../words/reference.ts';
import { ellipsis, naturalOrder, shortId } from '../words/text.ts';
import { Names } from './names.ts';
import { titled } from './nodes.ts';
import type { Task } from './types.ts';

/** A task with the names around it. */
interface Row {
  readonly task: Task;
  readonly name: string;
  readonly node: string;
}

const errorWidth = 30;

/** `busybox:latest` of `busybox:latest@sha256:...`; what has no tag stays as it is. */
export function imageWithoutDigest(image: string): string {
  const [named = image, digest] = image.split('@');
  if (digest === undefined) return familiarName(fullName(image));
  return /:[^/]+$/.test(named) ? familiarName(fullName(named)) : image;
}

const shownPorts = ({ Status }: Task): string =>
  (Status.PortStatus?.Ports ?? [])
    .map(
      ({ PublishedPort = 0, TargetPort = 0, Protocol = '' }) =>
        `*:${PublishedPort}->${TargetPort}/${Protocol}`,
    )
    .join(',');

function shownError({ Status }: Task, truncate: boolean): string {
  const error = Status.Err ?? '';
  if (error === '') return '';
  return `"${truncate ? ellipsis(error, errorWidth) : error}"`;
}

interface ListingOptions {
  readonly truncate: boolean;
  readonly now: number;
}

function taskListing({ truncate, now }: ListingOptions): Listing<Row> {
  const since = (text: string): string => humanDuration(now - Date.parse(text)).toLowerCase();
  return {
    columns: {
      ID: { header: 'ID', value: ({ task }) => (truncate ? shortId(task.ID) : task.ID) },
      Name: { header: 'NAME', value: ({ name }) => name },
      Image: {
        header: 'IMAGE',
        value: ({ task }) => {
          const image = task.Spec.ContainerSpec?.Image ?? '';
          return truncate ? imageWithoutDigest(image) : image;
        },
      },
      Node: { header: 'NODE', value: ({ node }) => node },
      DesiredState: { header: 'DESIRED STATE', value: ({ task }) => titled(task.DesiredState) },
      CurrentState: {
        header: 'CURRENT STATE',
        value: ({ task: { Status } }) => `${titled(Status.State)} ${since(Status.Timestamp)} ago`,
      },
      Error: { header: 'ERROR', value: ({ task }) => shownError(task, truncate) },
      Ports: { header: 'PORTS', value: ({ task }) => shownPorts(task) },
    },
    table:
      'table {{.ID}}\t{{.Name}}\t{{.Image}}\t{{.Node}}\t{{.DesiredState}}\t{{.CurrentState}}\t{{.Error}}\t{{.Ports}}',
    type: '*task.taskContext',
  };
}

export interface TaskListOptions {
  readonly format: string;
  readonly quiet: boolean;
  readonly noTrunc: boolean;
  readonly noResolve: boolean;
}

/** Tasks of one slot are together, the newest first and its predecessors indented. */
export async function printTasks(
  context: Context,
  tasks: readonly Task[],
  options: TaskListOptions,
): Promise<void> {
  const config = await context.config();
  const format = options.format || (options.quiet ? '' : (config.tasksFormat ?? ''));
  const names = new Names(await context.engine(), options);
  const named: { task: Task; name: string }[] = [];
  for (const task of tasks)
    named.push({
      task,
      name: `${await names.service(task.ServiceID)}.${task.Slot ? task.Slot : (task.NodeID ?? '')}`,
    });
  named.sort(
    (a, b) => naturalOrder(a.name, b.name) || Date.parse(b.task.CreatedAt) - Date.parse(a.task.CreatedAt),
  );
  const isTable = (format === '' && !options.quiet) || format.startsWith('table');
  const rows: Row[] = [];
  for (const [at, { task, name }] of named.entries()) {
    const indent = isTable && named[at - 1]?.name === name ? ' \\_ ' : '';
    rows.push({ task, name: `${indent}${name}`, node: await names.node(task.NodeID ?? '') });
  }
  const listing = taskListing({ truncate: !options.noTrunc, now: Date.now() });
  await context.print(renderList(listing, rows, { format, quiet: options.quiet }));
}
