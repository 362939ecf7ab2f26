/** Checks of a service's spec alone, in the words of Docker's managers. */
import { fail } from '../errors.ts';
import { parseConstraint } from './constraints.ts';
import { isJob } from './defaults.ts';
import type {
  ConfigReference,
  ContainerSpec,
  EndpointSpec,
  Resources,
  SecretReference,
  ServiceMode,
  ServiceSpec,
  TaskSpec,
  UpdateConfig,
} from './spec.ts';
import { checkTemplates } from './templates.ts';

const dnsName = /^[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*$/;
/** A reference of an image: domain and path in lower case, tag, digest. */
const imageName =
  /^(?:[a-zA-Z0-9.\-[\]:]+\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[A-Za-z][\w.+-]*:[0-9a-fA-F]{32,})?$/;
const millisecond = 1e6;

const invalid = (why: string) => fail('SWARM_INVALID', why);
const refuse = (isWrong: boolean, why: string): void => {
  if (isWrong) throw invalid(why);
};

/** Throws SWARM_INVALID and SWARM_UNIMPLEMENTED. */
export function checkServiceSpec(spec: ServiceSpec): void {
  checkName(spec.Name);
  checkTask(spec.TaskTemplate);
  checkMode(spec.Mode);
  if (isJob(spec)) refuse(spec.UpdateConfig !== undefined, 'Jobs may not have an update config');
  else checkUpdate(spec.UpdateConfig);
  checkEndpoint(spec.EndpointSpec);
}

function checkName(name: string): void {
  refuse(name === '', 'meta: name must be provided');
  refuse(!dnsName.test(name), 'name must be valid as a DNS name component');
  refuse(name.length > 63, 'name must be 63 characters or fewer');
}

function checkTask(task: TaskSpec): void {
  const { ContainerSpec: container, RestartPolicy: restart, Resources: resources } = task;
  checkResources(resources?.Limits);
  checkResources(resources?.Reservations);
  refuse((restart?.Delay ?? 0) < 0, 'TaskSpec: restart-delay cannot be negative');
  refuse((restart?.Window ?? 0) < 0, 'TaskSpec: restart-window cannot be negative');
  for (const text of task.Placement?.Constraints ?? []) parseConstraint(text);
  checkReferences('secret', (container?.Secrets ?? []).map(asReference));
  checkReferences('config', (container?.Configs ?? []).map(asReference));
  if (task.PluginSpec || !['', 'container'].includes(task.Runtime ?? ''))
    throw fail('SWARM_UNIMPLEMENTED', 'RuntimeSpec: unimplemented runtime in service spec');
  if (!container) throw invalid('TaskSpec: missing runtime');
  checkContainer(container);
  checkTemplates(task);
}

/** As Go prints it: an exponent has two digits. */
const shortest = (value: number): string => String(value).replace(/e-(\d)$/, 'e-0$1');

function checkResources(resources: Resources | undefined): void {
  const { NanoCPUs: cpus = 0, MemoryBytes: memory = 0 } = resources ?? {};
  refuse(cpus !== 0 && cpus < 1e6, `invalid cpu value ${shortest(cpus / 1e9)}: Must be at least 0.001`);
  refuse(memory !== 0 && memory < 4 * 1024 * 1024, `invalid memory value ${memory}: Must be at least 4MiB`);
}

function checkContainer({ Image = '', Mounts = [], Healthcheck: health }: ContainerSpec): void {
  refuse(Image === '', 'ContainerSpec: image reference must be provided');
  refuse(!imageName.test(Image), `ContainerSpec: ${JSON.stringify(Image)} is not a valid repository/tag`);
  const targets = Mounts.map(({ Target }) => Target);
  const twice = targets.find((target, i) => targets.indexOf(target) !== i);
  refuse(twice !== undefined, `ContainerSpec: duplicate mount point: ${twice}`);
  for (const field of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const) {
    const value = health?.[field] ?? 0;
    refuse(
      value !== 0 && value < millisecond,
      `ContainerSpec: ${field} in HealthConfig cannot be less than 1ms`,
    );
  }
  refuse((health?.Retries ?? 0) < 0, 'ContainerSpec: Retries in HealthConfig cannot be negative');
}

interface Reference {
  readonly id: string;
  readonly name: string;
  /** Of the file that it becomes; undefined: none is named. */
  readonly target: string | undefined;
}

const asReference = (one: SecretReference | ConfigReference): Reference => ({
  id: 'SecretID' in one ? one.SecretID : one.ConfigID,
  name: 'SecretName' in one ? one.SecretName : one.ConfigName,
  // a config may be taken by the runtime (a credential spec), without a file
  target: one.File?.Name ?? ('Runtime' in one && one.Runtime ? `runtime ${one.ConfigID}` : undefined),
});

function checkReferences(what: 'secret' | 'config', references: readonly Reference[]): void {
  const targets = new Map<string, string>();
  for (const { id, name, target } of references) {
    refuse(id === '' || name === '', `malformed ${what} reference`);
    if (target === undefined) throw invalid(`malformed ${what} reference, no target provided`);
    refuse(target === '', `malformed file ${what} reference, invalid target file name provided`);
    const other = targets.get(target);
    refuse(
      other !== undefined,
      `${what} references '${other}' and '${name}' have a conflicting target: '${target}'`,
    );
    targets.set(target, name);
  }
}

function checkMode(mode: ServiceMode | undefined): void {
  const given = Object.values(mode ?? {}).filter((one) => one !== undefined && one !== null);
  refuse(given.length > 1, 'must specify only one service mode');
  refuse((mode?.Replicated?.Replicas ?? 0) < 0, 'Number of replicas must be non-negative');
  const job = mode?.ReplicatedJob;
  refuse((job?.MaxConcurrent ?? 0) < 0, 'Maximum concurrent jobs must not be negative');
  refuse((job?.TotalCompletions ?? 0) < 0, 'Total completed jobs must not be negative');
}

function checkUpdate(config: UpdateConfig | undefined): void {
  if (!config) return;
  refuse((config.Delay ?? 0) < 0, 'TaskSpec: update-delay cannot be negative');
  refuse((config.Monitor ?? 0) < 0, 'TaskSpec: update-monitor cannot be negative');
  refuse(
    config.MaxFailureRatio < 0 || config.MaxFailureRatio > 1,
    'TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1',
  );
}

function checkEndpoint(endpoint: EndpointSpec | undefined): void {
  const seen = new Set<string>();
  for (const { PublishedPort, PublishMode, Protocol } of endpoint?.Ports ?? []) {
    refuse(
      endpoint?.Mode === 'dnsrr' && PublishMode !== 'host',
      "EndpointSpec: port published with ingress mode can't be used with dnsrr mode",
    );
    if (!PublishedPort) continue;
    const key = `${Protocol || 'tcp'} ${PublishedPort}`;
    refuse(seen.has(key), 'EndpointSpec: duplicate published ports provided');
    seen.add(key);
  }
}
