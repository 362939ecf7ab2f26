/** What each node is given, from the records. */
import type { Assignments } from './assignments.ts';
import type { SwarmChange, SwarmTask, SwarmView } from './records.ts';

/** Keeps what nodes share, so that a change costs only what it touches. */
export class Assigner {
  readonly #view: SwarmView;

  /** The view is the manager's mirror, which goes on changing. */
  constructor(view: SwarmView) {
    this.#view = view;
  }

  /** Called after each change of the view, with the view before it. Gives the nodes whose set may differ now. */
  changed(_changes: readonly SwarmChange[], _before: SwarmView): ReadonlySet<string> {
    return new Set(Array.from(this.#view.all('nodes'), ({ id }) => id));
  }

  of(nodeId: string): Assignments {
    const view = this.#view;
    const [cluster] = view.all('cluster');
    const tasks = [...view.tasksOfNode(nodeId)];
    const networkIds = new Set(tasks.flatMap(({ attachments }) => attachments.map((one) => one.networkId)));
    const networks = [...networkIds].flatMap((id) => view.get('networks', id)?.network ?? []);
    return {
      generation: cluster?.epoch.generation ?? 0,
      revision: view.revision,
      tasks,
      networks,
      peers: [],
      nodes: [],
      services: [],
      meshPorts: [],
      ...filesOf(view, tasks),
    };
  }
}

/** The set of one node from a view alone. */
export const assignmentsOf = (view: SwarmView, nodeId: string): Assignments => new Assigner(view).of(nodeId);

function filesOf(view: SwarmView, tasks: readonly SwarmTask[]): Pick<Assignments, 'secrets' | 'configs'> {
  const specs = tasks.flatMap(({ spec }) => spec.ContainerSpec ?? []);
  const secretIds = new Set(specs.flatMap(({ Secrets = [] }) => Secrets.map(({ SecretID }) => SecretID)));
  const configIds = new Set(specs.flatMap(({ Configs = [] }) => Configs.map(({ ConfigID }) => ConfigID)));
  const assigned = (record: {
    readonly id: string;
    readonly spec: { readonly Name: string; readonly Data?: string };
  }) => ({
    id: record.id,
    name: record.spec.Name,
    data: record.spec.Data ?? '',
  });
  return {
    secrets: [...secretIds].flatMap((id) => view.get('secrets', id) ?? []).map(assigned),
    configs: [...configIds].flatMap((id) => view.get('configs', id) ?? []).map(assigned),
  };
}
