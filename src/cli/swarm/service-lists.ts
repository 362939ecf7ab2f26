/** The lists of a service's spec, with what `--*-add` and `--*-rm` say of them. */
import { CliError } from '../failure.ts';
import { envOf } from '../spec/environment.ts';
import { recordOf } from '../spec/labels.ts';
import { hostsEntry, sorted, ulimitSpec } from './service-parts.ts';
import type { ContainerSpec, DnsConfig, Labels, Port, ServiceSpec, TaskSpec, UlimitSpec } from './types.ts';
import type { UpdateCall } from './update-flags.ts';

type Texts = readonly string[];

/** Change all lists of the spec that flags speak of. Throws `CliError`. */
export function updateLists(spec: ServiceSpec, call: UpdateCall): void {
  const { flags } = call;
  const container = spec.TaskTemplate.ContainerSpec ?? {};
  spec.Labels = labelsOf(spec.Labels, flags.labelRemove, flags.labelAdd);
  container.Labels = labelsOf(container.Labels, flags.containerLabelRemove, flags.containerLabelAdd);
  container.Sysctls = labelsOf(container.Sysctls, flags.sysctlRemove, flags.sysctlAdd);
  container.Env = envAfter(container.Env ?? [], call);
  container.Ulimits = ulimitsOf(container.Ulimits ?? [], call);
  updateMounts(container, call);
  if (any(flags.groupAdd, flags.groupRemove))
    container.Groups = sorted(without([...(container.Groups ?? []), ...flags.groupAdd], flags.groupRemove));
  updateDns(container, call);
  if (any(flags.hostAdd, flags.hostRemove)) container.Hosts = hostsAfter(container.Hosts ?? [], call);
  updatePlacement(spec.TaskTemplate, call);
  if (any(flags.publishAdd, flags.publishRemove))
    spec.EndpointSpec = { ...spec.EndpointSpec, Ports: portsAfter(spec.EndpointSpec?.Ports ?? [], call) };
}

const any = (...flags: readonly (readonly unknown[])[]): boolean => flags.some((each) => each.length > 0);

const without = (texts: Texts, removed: Texts): string[] => texts.filter((text) => !removed.includes(text));

function labelsOf(before: Labels | undefined, removed: Texts, added: Texts): Labels | undefined {
  if (removed.length + added.length === 0) return before;
  const names = removed.map((text) => text.split('=')[0] ?? '');
  const kept = Object.entries(before ?? {}).filter(([name]) => !names.includes(name));
  return { ...Object.fromEntries(kept), ...recordOf(added) };
}

const nameOf = (variable: string): string => variable.split('=')[0] ?? '';

function envAfter(before: Texts, { flags, env }: UpdateCall): Texts {
  const kept = before.filter((variable) => !flags.envRemove.includes(nameOf(variable)));
  if (flags.envAdd.length === 0) return kept;
  const all = [...kept, ...flags.envAdd.map((text) => envOf(text, env))];
  return [...new Map(all.map((variable) => [nameOf(variable), variable])).values()];
}

function ulimitsOf(before: readonly UlimitSpec[], { flags }: UpdateCall): UlimitSpec[] | undefined {
  const all = [
    ...before.filter(({ Name }) => !flags.ulimitRemove.map(nameOf).includes(Name)),
    ...flags.ulimitAdd.map(ulimitSpec),
  ];
  const byName = new Map(all.map((limit) => [limit.Name, limit]));
  return byName.size === 0 ? undefined : sorted(byName.keys()).flatMap((name) => byName.get(name) ?? []);
}

function updateMounts(container: ContainerSpec, { flags }: UpdateCall): void {
  const targets = new Set(flags.mountAdd.map(({ Target }) => Target));
  if (targets.size < flags.mountAdd.length) throw new CliError('duplicate mount target');
  const old = (container.Mounts ?? []).filter(({ Target }) => !targets.has(Target));
  const order = (a: string | undefined, b: string | undefined): number =>
    (a ?? '') === (b ?? '') ? 0 : (a ?? '') < (b ?? '') ? -1 : 1;
  container.Mounts = [...flags.mountAdd, ...old]
    .filter(({ Target }) => !flags.mountRemove.includes(Target ?? ''))
    .sort((a, b) => order(a.Source, b.Source) || order(a.Target, b.Target));
}

function updateDns(container: ContainerSpec, { flags }: UpdateCall): void {
  const changed = any(
    flags.dnsAdd,
    flags.dnsRemove,
    flags.dnsOptionAdd,
    flags.dnsOptionRemove,
    flags.dnsSearchAdd,
    flags.dnsSearchRemove,
  );
  if (!changed) return;
  const before: DnsConfig = container.DNSConfig ?? {};
  const list = (old: Texts | undefined, added: Texts, removed: Texts): string[] =>
    sorted(new Set(without([...(old ?? []), ...added], removed)));
  container.DNSConfig = {
    Nameservers: list(before.Nameservers, flags.dnsAdd, flags.dnsRemove),
    Search: list(before.Search, flags.dnsSearchAdd, flags.dnsSearchRemove),
    Options: list(before.Options, flags.dnsOptionAdd, flags.dnsOptionRemove),
  };
}

/** Entries of a hosts file; a removed name goes out of its entries, and an entry without names goes too. */
function hostsAfter(before: Texts, { flags }: UpdateCall): string[] {
  const removed = flags.hostRemove.map((text): [string, string] => {
    const at = text.indexOf(':');
    return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  });
  const kept = before.flatMap((entry) => {
    const [ip = '', ...names] = entry.split(/\s+/).filter((word) => word !== '');
    const left = names.filter(
      (name) => !removed.some(([host, only]) => host === name && (only === '' || only === ip)),
    );
    return left.length === 0 ? [] : [`${ip} ${left.join(' ')}`];
  });
  return [...new Set([...kept, ...flags.hostAdd.map(hostsEntry)])];
}

function updatePlacement(task: TaskSpec, { flags }: UpdateCall): void {
  const { constraintAdd, constraintRemove, placementPrefAdd, placementPrefRemove } = flags;
  if (any(constraintAdd, constraintRemove)) {
    const constraints = [...(task.Placement?.Constraints ?? []), ...constraintAdd];
    task.Placement = { ...task.Placement, Constraints: sorted(without(constraints, constraintRemove)) };
  }
  if (any(placementPrefAdd, placementPrefRemove)) {
    const removed = placementPrefRemove.map(({ Spread }) => Spread?.SpreadDescriptor);
    const kept = (task.Placement?.Preferences ?? []).filter(
      ({ Spread }) => Spread === undefined || !removed.includes(Spread.SpreadDescriptor),
    );
    task.Placement = { ...task.Placement, Preferences: [...kept, ...placementPrefAdd] };
  }
}

const portText = ({ PublishedPort = 0, TargetPort = 0, Protocol = '', PublishMode = '' }: Port): string =>
  `${PublishedPort}:${TargetPort}/${Protocol}/${PublishMode}`;

function portsAfter(before: readonly Port[], { flags }: UpdateCall): Port[] {
  const known = new Map(before.map((port) => [portText(port), port]));
  const removed = flags.publishRemove.flat();
  const isRemoved = ({ Protocol, TargetPort, PublishMode }: Port): boolean =>
    removed.some(
      (port) =>
        (port.Protocol || 'tcp') === (Protocol || 'tcp') &&
        port.TargetPort === TargetPort &&
        (port.PublishMode || 'ingress') === (PublishMode || 'ingress'),
    );
  const kept = [...known.values()].filter((port) => !isRemoved(port));
  const added = flags.publishAdd.flat().filter((port) => !known.has(portText(port)));
  return [...kept, ...added].sort((a, b) => (portText(a) < portText(b) ? -1 : 1));
}
