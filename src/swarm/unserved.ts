/** Published ports that a node does not serve, because a program there has them, are told with the tasks of their service. Pure. */
import type { SwarmNode, SwarmTask } from './records.ts';
import { isWanted } from './task-state.ts';

/** A task that runs, with what is to be told of its ports; the task itself where all is well. */
export function withUnserved(nodes: Iterable<SwarmNode>): (task: SwarmTask) => SwarmTask {
  const lacking = Array.from(nodes).filter(({ description }) => description?.busyPorts.length);
  if (lacking.length === 0) return (task) => task;
  return (task) => {
    const { status, ports } = task;
    if (status.state !== 'running' || status.error !== '' || !isWanted(task)) return task;
    const problems = ports.flatMap(({ Protocol = 'tcp', PublishedPort = 0, PublishMode }) =>
      PublishMode === 'host'
        ? []
        : lacking
            .filter(({ description }) => description?.busyPorts.includes(`${Protocol} ${PublishedPort}`))
            .map((node) => `port ${PublishedPort}/${Protocol} is not served by ${nameOf(node)}`),
    );
    if (problems.length === 0) return task;
    return { ...task, status: { ...status, error: `${problems.join(', ')}: a program there has it` } };
  };
}

const nameOf = ({ id, description }: SwarmNode): string => description?.hostname || id;
