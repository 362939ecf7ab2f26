import { newestVersion } from '#client/client.ts';
import { parseJson } from '#client/json.ts';
import { binarySize } from '../../../go/size.ts';
import { version } from '../../../version.ts';
import { defineCommand } from '../../command.ts';
import { formatFlag } from '../../flags/flag.ts';
import { type SwarmState, swarmLines } from '../../swarm/info-lines.ts';
import { templateValue } from '../../template/json.ts';
import { renderOne } from '../rendering.ts';

interface Info {
  readonly [field: string]: unknown;
}

type Line = readonly [depth: number, text: string];

const text = (value: unknown): string => (value === undefined || value === null ? '' : String(value));
const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : []);
const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

export const command = defineCommand({
  flags: { format: formatFlag('Format output: json, TEMPLATE', { short: 'f' }) },
  async run({ flags, context }) {
    const engine = await context.engine();
    const answer = await engine.text('GET', '/info');
    const info = parseJson(answer) as Info;
    const client = {
      Debug: false,
      Version: version,
      DefaultAPIVersion: newestVersion,
      Context: 'default',
      Plugins: [],
      Warnings: null,
    };
    if (flags.format !== '') {
      await context.print(renderOne(flags.format, templateValue({ ...info, ClientInfo: client })));
      return;
    }
    const own = `Client:\n Version:    ${version}\n Context:    default\n Debug Mode: false\n`;
    const lines = serverLines(info).map(([depth, line]) => `${' '.repeat(depth)}${line}\n`);
    await context.print(`${own}\nServer:\n${lines.join('')}\n`);
    for (const warning of listOf(info.Warnings)) context.complain(warning);
  },
});

/** A line, unless its value is empty. */
const unlessEmpty = (depth: number, name: string, value: unknown): Line[] =>
  text(value) === '' ? [] : [[depth, `${name}: ${text(value)}`]];

function serverLines(info: Info): Line[] {
  return [
    ...countLines(info),
    ...driverLines(info),
    ...runtimeLines(info),
    ...hostLines(info),
    ...networkLines(info),
  ];
}

function countLines(info: Info): Line[] {
  return [
    [1, `Containers: ${text(info.Containers)}`],
    [2, `Running: ${text(info.ContainersRunning)}`],
    [2, `Paused: ${text(info.ContainersPaused)}`],
    [2, `Stopped: ${text(info.ContainersStopped)}`],
    [1, `Images: ${text(info.Images)}`],
    ...unlessEmpty(1, 'Server Version', info.ServerVersion),
  ];
}

function driverLines(info: Info): Line[] {
  const plugins = record(info.Plugins);
  const status = Array.isArray(info.DriverStatus) ? info.DriverStatus.map(listOf) : [];
  const names = (kind: string): string => [...listOf(plugins[kind])].sort().join(' ');
  return [
    ...unlessEmpty(1, 'Storage Driver', info.Driver),
    ...status.map(([name = '', value = '']): Line => [2, `${name}: ${value}`]),
    ...unlessEmpty(1, 'Logging Driver', info.LoggingDriver),
    ...unlessEmpty(1, 'Cgroup Driver', info.CgroupDriver),
    ...unlessEmpty(1, 'Cgroup Version', info.CgroupVersion),
    [1, 'Plugins:'],
    [2, `Volume: ${names('Volume')}`],
    [2, `Network: ${names('Network')}`],
    ...(listOf(plugins.Authorization).length > 0
      ? [[2, `Authorization: ${names('Authorization')}`] as const]
      : []),
    [2, `Log: ${names('Log')}`],
  ];
}

function runtimeLines(info: Info): Line[] {
  const commit = (value: unknown): string => text(record(value).ID);
  return [
    ...swarmLines(record(info.Swarm) as SwarmState),
    [1, `Runtimes: ${Object.keys(record(info.Runtimes)).sort().join(' ')}`],
    [1, `Default Runtime: ${text(info.DefaultRuntime)}`],
    [1, `Init Binary: ${text(info.InitBinary)}`],
    [1, `containerd version: ${commit(info.ContainerdCommit)}`],
    [1, `runc version: ${commit(info.RuncCommit)}`],
    [1, `init version: ${commit(info.InitCommit)}`],
    ...securityLines(listOf(info.SecurityOptions)),
  ];
}

/** `name=seccomp,profile=default` in two lines. */
function securityLines(options: readonly string[]): Line[] {
  if (options.length === 0) return [];
  const lines = options.flatMap((option): Line[] => {
    const pairs = option
      .split(',')
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const);
    return pairs.map(
      ([key, value]): Line =>
        key === 'name' ? [2, value] : [3, `${key.slice(0, 1).toUpperCase()}${key.slice(1)}: ${value}`],
    );
  });
  return [[1, 'Security Options:'], ...lines];
}

function hostLines(info: Info): Line[] {
  return [
    ...unlessEmpty(1, 'Kernel Version', info.KernelVersion),
    ...unlessEmpty(1, 'Operating System', info.OperatingSystem),
    ...unlessEmpty(1, 'OSType', info.OSType),
    ...unlessEmpty(1, 'Architecture', info.Architecture),
    [1, `CPUs: ${text(info.NCPU)}`],
    [1, `Total Memory: ${binarySize(Number(info.MemTotal ?? 0))}`],
    ...unlessEmpty(1, 'Name', info.Name),
    ...unlessEmpty(1, 'ID', info.ID),
    [1, `Docker Root Dir: ${text(info.DockerRootDir)}`],
    [1, `Debug Mode: ${text(info.Debug)}`],
    ...unlessEmpty(1, 'HTTP Proxy', info.HttpProxy),
    ...unlessEmpty(1, 'HTTPS Proxy', info.HttpsProxy),
    ...unlessEmpty(1, 'No Proxy', info.NoProxy),
    ...(listOf(info.Labels).length === 0
      ? []
      : [[1, 'Labels:'] as const, ...listOf(info.Labels).map((label): Line => [2, label])]),
    [1, `Experimental: ${text(info.ExperimentalBuild)}`],
  ];
}

function networkLines(info: Info): Line[] {
  const registries = record(info.RegistryConfig);
  const insecure = Object.entries(record(registries.IndexConfigs)).filter(
    ([, index]) => record(index).Secure === false,
  );
  const mirrors = listOf(registries.Mirrors);
  const pools = Array.isArray(info.DefaultAddressPools) ? info.DefaultAddressPools.map(record) : [];
  const backend = record(info.FirewallBackend);
  return [
    [1, 'Insecure Registries:'],
    ...insecure.map(([name]): Line => [2, name]),
    ...listOf(registries.InsecureRegistryCIDRs).map((cidr): Line => [2, cidr]),
    ...(mirrors.length === 0
      ? []
      : [[1, 'Registry Mirrors:'] as const, ...mirrors.map((mirror): Line => [2, mirror])]),
    [1, `Live Restore Enabled: ${text(info.LiveRestoreEnabled)}`],
    ...(pools.length === 0 ? [] : [[1, 'Default Address Pools:'] as const]),
    ...pools.map(({ Base, Size }): Line => [2, `Base: ${text(Base)}, Size: ${text(Size)}`]),
    ...unlessEmpty(1, 'Firewall Backend', backend.Driver),
  ];
}
