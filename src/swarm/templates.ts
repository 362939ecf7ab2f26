/**
 * Templates in a task's hostname, environment and mounts: `{{.Service.Name}}`, `{{index .Service.Labels "x"}}`. Of Go's language those
 * expressions that name a field; others are refused when the service is made.
 */
import { fail } from '../errors.ts';
import type { NodeDescription, SwarmTask } from './records.ts';
import type { ContainerSpec, TaskSpec } from './spec.ts';

export interface TemplateNode {
  readonly id: string;
  readonly description?: Pick<NodeDescription, 'hostname' | 'platform'>;
}

type Lookup = (expression: string) => string | undefined;

/** `<service>.<slot>.<id>`; the node's id in place of the slot for a global service. */
export const taskName = ({
  id,
  service,
  slot,
  nodeId,
}: Pick<SwarmTask, 'id' | 'service' | 'slot' | 'nodeId'>) =>
  `${service.Name}.${slot === 0 ? nodeId : slot}.${id}`;

/** The container's spec with its templates filled in. Throws SWARM_INVALID. */
export function expandTask(
  task: Pick<SwarmTask, 'id' | 'service' | 'serviceId' | 'slot' | 'nodeId' | 'spec'>,
  node: TemplateNode,
): ContainerSpec {
  return expandWith(task.spec.ContainerSpec ?? {}, lookupOf(task, node));
}

/** Throws SWARM_INVALID for a template that cannot be read. */
export function checkTemplates(spec: TaskSpec): void {
  const task = {
    id: 'taskid',
    service: { Name: 'servicename', Labels: {} },
    serviceId: 'serviceid',
    slot: 1,
  };
  expandTask({ ...task, nodeId: 'nodeid', spec }, { id: 'nodeid' });
}

function lookupOf(
  task: Omit<Parameters<typeof expandTask>[0], 'spec'>,
  { description }: TemplateNode,
): Lookup {
  const fields: Readonly<Record<string, string>> = {
    '.Service.ID': task.serviceId,
    '.Service.Name': task.service.Name,
    '.Node.ID': task.nodeId,
    '.Node.Hostname': description?.hostname ?? '',
    '.Node.Platform.Architecture': description?.platform.architecture ?? '',
    '.Node.Platform.OS': description?.platform.os ?? '',
    '.Task.ID': task.id,
    '.Task.Name': taskName(task),
    '.Task.Slot': task.slot === 0 ? task.nodeId : String(task.slot),
  };
  return (expression) => {
    const { Labels = {} } = task.service;
    const label = /^index\s+\.Service\.Labels\s+("(?:[^"\\]|\\.)*"|`[^`]*`)$/.exec(expression)?.[1];
    if (label !== undefined) return Labels[label.slice(1, -1)] ?? '';
    const dotted = /^\.Service\.Labels\.(\w+)$/.exec(expression)?.[1];
    // Go's text for a key that a map of strings does not have is the empty string, too
    if (dotted !== undefined) return Labels[dotted] ?? '';
    return Object.hasOwn(fields, expression) ? fields[expression] : undefined;
  };
}

function expandWith(spec: ContainerSpec, lookup: Lookup): ContainerSpec {
  const { Env, Mounts, Hostname } = spec;
  return {
    ...spec,
    ...(Env ? { Env: Env.map((entry) => expandEntry(entry, lookup)) } : {}),
    ...(Mounts ? { Mounts: Mounts.map((mount) => expandMount(mount, lookup)) } : {}),
    ...(Hostname === undefined ? {} : { Hostname: expand(Hostname, { lookup, what: 'hostname' }) }),
  };
}

function expandEntry(entry: string, lookup: Lookup): string {
  const at = entry.indexOf('=');
  if (at < 0) return entry;
  return `${entry.slice(0, at)}=${expand(entry.slice(at + 1), { lookup, what: 'env' })}`;
}

type Mount = NonNullable<ContainerSpec['Mounts']>[number];

function expandMount(mount: Mount, lookup: Lookup): Mount {
  const one = (text: string): string => expand(text, { lookup, what: 'mounts' });
  const map = (values: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, one(value)]));
  const { VolumeOptions: volume } = mount;
  const driver = volume?.DriverConfig;
  return {
    ...mount,
    ...(mount.Source === undefined ? {} : { Source: one(mount.Source) }),
    Target: one(mount.Target),
    ...(volume
      ? {
          VolumeOptions: {
            ...volume,
            ...(volume.Labels ? { Labels: map(volume.Labels) } : {}),
            ...(driver
              ? { DriverConfig: { ...driver, ...(driver.Options ? { Options: map(driver.Options) } : {}) } }
              : {}),
          },
        }
      : {}),
  };
}

/** Throws SWARM_INVALID. */
function expand(text: string, { lookup, what }: { readonly lookup: Lookup; readonly what: string }): string {
  if (!text.includes('{{')) return text;
  const expanded = text.replace(/\{\{(-\s)?\s*(.*?)\s*(\s-)?\}\}/g, (whole, _left, expression: string) => {
    const found = lookup(expression);
    if (found === undefined)
      throw fail(
        'SWARM_INVALID',
        `expanding ${what} failed: template: expansion:1: cannot evaluate ${whole}`,
      );
    return found;
  });
  const open = text.replace(/\{\{.*?\}\}/g, '');
  if (open.includes('{{'))
    throw fail('SWARM_INVALID', `expanding ${what} failed: template: expansion:1: unclosed action`);
  return expanded;
}
