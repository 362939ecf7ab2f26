/** Lists of services: `service ls`, `stack services`. */
import type { Listing } from '../table/listing.ts';
import { shortId } from '../words/text.ts';
import { imageWithoutDigest } from './tasks.ts';
import type { Port, Service } from './types.ts';

function modeOf({ Spec: { Mode = {} } }: Service): string {
  if (Mode.Global !== undefined) return 'global';
  if (Mode.Replicated !== undefined) return 'replicated';
  if (Mode.ReplicatedJob !== undefined) return 'replicated job';
  return Mode.GlobalJob === undefined ? '' : 'global job';
}

function replicasOf(service: Service): string {
  const { RunningTasks = 0, DesiredTasks = 0, CompletedTasks = 0 } = service.ServiceStatus ?? {};
  const { Mode = {}, TaskTemplate } = service.Spec;
  const text = `${RunningTasks}/${DesiredTasks}`;
  if (Mode.ReplicatedJob !== undefined)
    return `${text} (${CompletedTasks}/${Mode.ReplicatedJob.TotalCompletions ?? 0} completed)`;
  if (Mode.GlobalJob !== undefined)
    return `${text} (${CompletedTasks}/${DesiredTasks + CompletedTasks} completed)`;
  const most = Mode.Replicated === undefined ? 0 : (TaskTemplate.Placement?.MaxReplicas ?? 0);
  return most > 0 ? `${text} (max ${most} per node)` : text;
}

interface Range {
  readonly protocol: string;
  readonly published: number;
  readonly target: number;
  lastPublished: number;
  lastTarget: number;
}

function shownRange({ protocol, published, target, lastPublished, lastTarget }: Range): string {
  const span = (first: number, last: number): string => (last > first ? `${first}-${last}` : String(first));
  return `*:${span(published, lastPublished)}->${span(target, lastTarget)}/${protocol}`;
}

const byPublished = (a: Port, b: Port): number => {
  const [one, other] = [a.Protocol ?? '', b.Protocol ?? ''];
  if (one !== other) return one < other ? -1 : 1;
  return (a.PublishedPort ?? 0) - (b.PublishedPort ?? 0);
};

/** Ports of the routing mesh; neighbours are one range: `*:80-81->80-81/tcp`. */
export function meshPorts(ports: readonly Port[]): string {
  const ranges: Range[] = [];
  for (const { Protocol = '', PublishedPort = 0, TargetPort = 0, PublishMode } of [...ports].sort(
    byPublished,
  )) {
    if (PublishMode !== 'ingress') continue;
    const last = ranges.at(-1);
    // A range whose targets move on takes no target that it has already.
    const overlaps = last !== undefined && last.lastTarget !== last.target && TargetPort <= last.lastTarget;
    const follows =
      last !== undefined &&
      Protocol === last.protocol &&
      PublishedPort - last.lastPublished <= 1 &&
      TargetPort - last.lastTarget <= 1 &&
      TargetPort >= last.lastTarget;
    if (last !== undefined && follows && !overlaps) {
      last.lastPublished = PublishedPort;
      last.lastTarget = TargetPort;
    } else
      ranges.push({
        protocol: Protocol,
        published: PublishedPort,
        target: TargetPort,
        lastPublished: PublishedPort,
        lastTarget: TargetPort,
      });
  }
  return ranges.map(shownRange).join(', ');
}

export const serviceListing: Listing<Service> = {
  columns: {
    ID: { header: 'ID', value: ({ ID }) => shortId(ID) },
    Name: { header: 'NAME', value: ({ Spec }) => Spec.Name ?? '' },
    Mode: { header: 'MODE', value: modeOf },
    Replicas: { header: 'REPLICAS', value: replicasOf },
    Image: {
      header: 'IMAGE',
      value: ({ Spec }) => imageWithoutDigest(Spec.TaskTemplate.ContainerSpec?.Image ?? ''),
    },
    Ports: { header: 'PORTS', value: ({ Endpoint }) => meshPorts(Endpoint?.Ports ?? []) },
  },
  table: 'table {{.ID}}\t{{.Name}}\t{{.Mode}}\t{{.Replicas}}\t{{.Image}}\t{{.Ports}}',
  type: '*service.serviceContext',
};
