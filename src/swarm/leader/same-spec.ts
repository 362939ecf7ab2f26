/** Whether tasks are as their service says now. */
import { meets } from '../constraints.ts';
import type { SwarmNode, SwarmService, SwarmTask } from '../records.ts';
import type { PortConfig, TaskSpec } from '../spec.ts';

const texts = new WeakMap<object, string>();

/** What clients add without a meaning: empty values, and defaults that the API shows. */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.values(value).every(isEmpty));
const plain: Readonly<Record<string, unknown>> = {
  ForceUpdate: 0,
  Runtime: 'container',
  Isolation: 'default',
};

/** The same text for specs that mean the same. */
function textOf(spec: object): string {
  const known = texts.get(spec);
  if (known !== undefined) return known;
  const text = JSON.stringify(spec, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const fields = Object.entries(value).filter(
      // credentials do not matter to a task that has its image
      ([key, one]) => !isEmpty(one) && plain[key] !== one && key !== 'PullOptions',
    );
    return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  texts.set(spec, text);
  return text;
}

const same = (a: TaskSpec | readonly PortConfig[], b: TaskSpec | readonly PortConfig[]): boolean =>
  a === b || textOf(a) === textOf(b);

/** It has to be replaced for its service to be as its spec says. */
export function isOutdated(service: SwarmService, task: SwarmTask, node: SwarmNode | undefined): boolean {
  if (task.specVersion === service.specVersion) return false;
  if (!same(task.ports, service.endpoint?.ports ?? [])) return true;
  const spec = service.spec.TaskTemplate;
  if (same(spec, task.spec)) return false;
  // other constraints alone leave it where they are met
  const moved = { ...spec, Placement: task.spec.Placement };
  return !(same(moved, task.spec) && node !== undefined && meets(node, spec.Placement?.Constraints));
}
