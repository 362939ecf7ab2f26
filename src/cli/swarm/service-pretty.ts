/** `service inspect --pretty`. */
import { binarySize } from '../../go/size.ts';
import { ago, duration, goList, type Lines, labelLines, textOfLines } from './pretty.ts';
import type {
  ContainerSpec,
  Placement,
  Resources,
  Service,
  ServiceSpec,
  TaskSpec,
  UpdateConfig,
} from './types.ts';

export interface PrettyOptions {
  /** Names of networks by their ids. */
  readonly networks: ReadonlyMap<string, string>;
  readonly now: number;
}

export function prettyService(service: Service, { networks, now }: PrettyOptions): string {
  const { Spec: spec } = service;
  const task = spec.TaskTemplate;
  const container = task.ContainerSpec ?? {};
  return textOfLines(
    '',
    `ID:\t\t${service.ID}`,
    `Name:\t\t${spec.Name ?? ''}`,
    hasAny(spec.Labels) && ['Labels:', labelLines(spec.Labels, (k, v) => ` ${k}${v && `=${v}`}`)],
    modeLines(spec),
    updateStatus(service, now),
    placementLines(task.Placement ?? {}),
    updateLines('Update', spec.UpdateConfig),
    updateLines('Rollback', spec.RollbackConfig),
    containerLines(container),
    fileLines(container),
    logLines(task),
    resourceLines(task),
    networkLine(task, networks),
    `Endpoint Mode:\t${spec.EndpointSpec?.Mode ?? ''}`,
    portLines(service),
    healthLines(container),
    '',
  );
}

const hasAny = (value: object | null | undefined): boolean =>
  value !== undefined && value !== null && Object.keys(value).length > 0;

function modeLines({ Mode = {} }: ServiceSpec): Lines {
  if (Mode.Global !== undefined) return 'Service Mode:\tGlobal';
  if (Mode.Replicated === undefined) return 'Service Mode:';
  const { Replicas } = Mode.Replicated;
  return ['Service Mode:\tReplicated', Replicas !== undefined && ` Replicas:\t${Replicas}`];
}

function updateStatus({ UpdateStatus: status }: Service, now: number): Lines {
  if (!status?.State) return undefined;
  const isOver = status.State === 'completed' && status.CompletedAt !== undefined;
  return [
    'UpdateStatus:',
    ` State:\t\t${status.State}`,
    status.StartedAt !== undefined && ` Started:\t${ago(status.StartedAt, now)}`,
    isOver && ` Completed:\t${ago(status.CompletedAt ?? '', now)}`,
    ` Message:\t${status.Message ?? ''}`,
  ];
}

function placementLines({ Constraints, Preferences, MaxReplicas }: Placement): Lines {
  const spreads = (Preferences ?? []).flatMap(({ Spread }) =>
    Spread === undefined ? [] : [`spread=${Spread.SpreadDescriptor}`],
  );
  return [
    'Placement:',
    hasAny(Constraints) && ` Constraints:\t${goList(Constraints ?? [])}`,
    spreads.length > 0 && ` Preferences:   ${goList(spreads)}`,
    !!MaxReplicas && ` Max Replicas Per Node:   ${MaxReplicas}`,
  ];
}

function updateLines(kind: 'Update' | 'Rollback', config: UpdateConfig | undefined): Lines {
  if (config === undefined) return undefined;
  const { Delay = 0, Monitor = 0 } = config;
  return [
    `${kind}Config:`,
    ` Parallelism:\t${config.Parallelism}`,
    Delay > 0 && ` Delay:\t\t${duration(Delay)}`,
    ` On failure:\t${config.FailureAction ?? ''}`,
    Monitor > 0 && ` Monitoring Period: ${duration(Monitor)}`,
    ` Max failure ratio: ${config.MaxFailureRatio}`,
    `${` ${kind} order:`.padEnd(20)}${config.Order}`,
  ];
}

function containerLines(container: ContainerSpec): Lines {
  const { CapabilityAdd: added, CapabilityDrop: dropped, Sysctls, Ulimits, Mounts } = container;
  const words = (texts: readonly string[]): string => texts.map((text) => `${text} `).join('');
  return [
    'ContainerSpec:',
    ` Image:\t\t${container.Image ?? ''}`,
    hasAny(container.Args) && ` Args:\t\t${words(container.Args ?? [])}`,
    hasAny(container.Env) && ` Env:\t\t${words(container.Env ?? [])}`,
    !!container.Dir && ` Dir:\t\t${container.Dir}`,
    container.Init !== undefined && ` Init:\t\t${container.Init}`,
    !!container.User && ` User: ${container.User}`,
    (hasAny(added) || hasAny(dropped)) && [
      'Capabilities:',
      hasAny(added) && ` Add: ${added?.join(', ')}`,
      hasAny(dropped) && ` Drop: ${dropped?.join(', ')}`,
    ],
    hasAny(Sysctls) && ['SysCtls:', labelLines(Sysctls, (k, v) => ` ${k}${v && `: ${v}`}`)],
    hasAny(Ulimits) && [
      'Ulimits:',
      [...(Ulimits ?? [])]
        .sort((a, b) => (a.Name < b.Name ? -1 : 1))
        .map(({ Name, Soft, Hard }) => ` ${Name}: ${Soft}:${Hard}`),
    ],
    hasAny(Mounts) && [
      'Mounts:',
      (Mounts ?? []).map(({ Target, Source, ReadOnly = false, Type }) => [
        ` Target:\t${Target}`,
        `  Source:\t${Source ?? ''}`,
        `  ReadOnly:\t${ReadOnly}`,
        `  Type:\t\t${Type}`,
      ]),
    ],
  ];
}

function fileLines({ Configs, Secrets }: ContainerSpec): Lines {
  const line = (target: string | undefined, source: string): Lines => [
    ` Target:\t${target ?? ''}`,
    `  Source:\t${source}`,
  ];
  return [
    hasAny(Configs) && [
      'Configs:',
      (Configs ?? []).map(({ File, ConfigName }) => line(File?.Name, ConfigName)),
    ],
    hasAny(Secrets) && [
      'Secrets:',
      (Secrets ?? []).map(({ File, SecretName }) => line(File?.Name, SecretName)),
    ],
  ];
}

function logLines({ LogDriver: driver }: TaskSpec): Lines {
  if (driver === undefined) return undefined;
  return [
    'Log Driver:',
    !!driver.Name && ` Name:\t\t${driver.Name}`,
    hasAny(driver.Options) && [
      ' LogOpts:',
      labelLines(driver.Options, (k, v) => `  ${k}${v && `:       ${v}`}`),
    ],
    '',
  ];
}

function resourceLines({ Resources: resources }: TaskSpec): Lines {
  if (resources === undefined) return undefined;
  const { Reservations: reserved = {}, Limits: limits = {} } = resources;
  const lines = ({ NanoCPUs: cpus, MemoryBytes: memory }: Resources): Lines => [
    !!cpus && `  CPU:\t\t${cpus / 1e9}`,
    !!memory && `  Memory:\t${binarySize(memory)}`,
  ];
  return [
    'Resources:',
    (!!reserved.NanoCPUs || !!reserved.MemoryBytes) && [' Reservations:', lines(reserved)],
    (!!limits.NanoCPUs || !!limits.MemoryBytes || !!limits.Pids) && [' Limits:', lines(limits)],
    !!limits.Pids && `  PIDs:\t\t${limits.Pids}`,
  ];
}

function networkLine({ Networks }: TaskSpec, names: ReadonlyMap<string, string>): Lines {
  if (!hasAny(Networks)) return undefined;
  const shown = (Networks ?? []).map(({ Target }) => ` ${names.get(Target) ?? Target}`);
  return `Networks:${shown.join('')} `;
}

function portLines({ Endpoint }: Service): Lines {
  const ports = Endpoint?.Ports ?? [];
  if (ports.length === 0) return undefined;
  const lines = ports.flatMap((port) => [
    ` PublishedPort = ${port.PublishedPort ?? 0}`,
    `  Protocol = ${port.Protocol ?? ''}`,
    `  TargetPort = ${port.TargetPort ?? 0}`,
    `  PublishMode = ${port.PublishMode ?? ''}`,
  ]);
  return ['Ports:', lines.with(-1, `${lines.at(-1)} `)];
}

function healthLines({ Healthcheck: check }: ContainerSpec): Lines {
  if (check === undefined) return undefined;
  const tests = check.Test ?? [];
  const lines = [
    ' Healthcheck:',
    `  Interval = ${duration(check.Interval ?? 0)}`,
    `  Retries = ${check.Retries ?? 0}`,
    `  StartPeriod =\t${duration(check.StartPeriod ?? 0)}`,
    `  Timeout =\t${duration(check.Timeout ?? 0)}`,
    ...(tests.length > 0 ? ['  Tests:', ...tests.map((test) => `\t Test = ${test}`)] : []),
  ];
  return tests.length > 0 ? lines.with(-1, `${lines.at(-1)} `) : lines;
}
