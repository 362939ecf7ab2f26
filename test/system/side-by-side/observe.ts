/** Running a combination on an engine, and all that is then seen of it. */
import { readFileSync } from 'node:fs';
import { wordsOf } from '../cli-harness.ts';
import { run } from '../commands.ts';
import type { EngineHost } from '../engine-host.ts';
import type { Combination } from './combination.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** By what it is seen: `commands`, `networks`, `containers`. */
export type Observation = Readonly<Record<string, Json>>;

const sysctls = [
  ...['ipv4/ip_forward', 'ipv4/ping_group_range', 'ipv4/ip_unprivileged_port_start', 'core/somaxconn'],
  ...['ipv6/conf/all/disable_ipv6', 'ipv6/conf/default/disable_ipv6', 'ipv6/conf/*/disable_ipv6'],
  ...['ipv4/conf/*/arp_ignore', 'ipv6/conf/*/accept_ra', 'ipv6/conf/all/forwarding'],
].map((name) => `/proc/sys/net/${name}`);

const kernelViews = {
  link: 'ip -d -j link',
  addr: 'ip -j addr',
  route: 'ip -j route',
  route6: 'ip -j -6 route',
} as const;

/** One process for all of it; each view in a line. */
const script = [
  ...Object.values(kernelViews).map((view) => `echo "$(${view} | tr -d '\\n')"`),
  `for file in ${sysctls.join(' ')}; do [ -f $file ] && echo "$file $(cat $file)"; done`,
].join('\n');

async function kernelView(namespace: string): Promise<{ readonly [key: string]: Json }> {
  const { stdout } = await run(['nsenter', `--net=${namespace}`, 'sh', '-c', script]);
  const lines = stdout.trimEnd().split('\n');
  const views = Object.keys(kernelViews).map((name, at): readonly [string, Json] => [
    name,
    JSON.parse(lines[at] || '[]'),
  ]);
  const values = lines.slice(views.length).map((line): readonly [string, Json] => {
    const [file = '', ...value] = line.split(/\s+/);
    return [file.replace('/proc/sys/net/', '').replaceAll('/', '.'), value.join(' ')];
  });
  return { ...Object.fromEntries(views), sysctl: Object.fromEntries(values) };
}

const files = ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf'];

function fileOf(pid: number, path: string): string {
  try {
    return readFileSync(`/proc/${pid}/root${path}`, 'utf8');
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code ?? String(thrown);
  }
}

interface Inspected {
  readonly Config: { readonly [key: string]: Json };
  readonly HostConfig: { readonly NetworkMode: string };
  readonly State: { readonly Pid: number; readonly Status: string };
  readonly NetworkSettings: Json;
}

async function containerView(engine: EngineHost, name: string): Promise<Json> {
  const { status, json } = await engine.api('GET', `/containers/${name}/json`);
  if (status !== 200) return 'no such container';
  const { Config, HostConfig, State, NetworkSettings } = json as Inspected;
  const { Hostname = '', Domainname = '', ExposedPorts = null } = Config;
  const seen = { State: State.Status, Config: { Hostname, Domainname, ExposedPorts }, NetworkSettings };
  if (State.Pid === 0) return seen;
  return {
    ...seen,
    ...Object.fromEntries(files.map((path) => [path, fileOf(State.Pid, path).split('\n')])),
    // the host's own is not the container's
    ...(HostConfig.NetworkMode !== 'host' && (await kernelView(`/proc/${State.Pid}/ns/net`))),
  };
}

interface HostLink {
  readonly [key: string]: Json;
}

/** Both draw the MAC addresses of bridges and of their ports; that a carrier came or went is told late. */
function steady({ address: _address, operstate: _state, flags, ...link }: HostLink): HostLink {
  const late = ['NO-CARRIER', 'LOWER_UP'];
  return { ...link, flags: (flags as readonly string[]).filter((flag) => !late.includes(flag)) };
}

/** A network as the API shows it, and its bridge and the bridge's ports on the host. */
async function networkView(engine: EngineHost, name: string): Promise<Json> {
  const { status, json, message } = await engine.api('GET', `/networks/${name}`);
  if (status !== 200) return message;
  const { Id, Options, Driver } = json as {
    Id: string;
    Driver: string;
    Options: Record<string, string> | null;
  };
  const bridge = Options?.['com.docker.network.bridge.name'] ?? `br-${Id.slice(0, 12)}`;
  if (Driver !== 'bridge') return { inspect: json as Json };
  const links = engine.rig.ip('host', 'link') as readonly HostLink[];
  const addresses = engine.rig.ip('host', 'addr', 'show', 'dev', bridge) as readonly HostLink[];
  const routes = engine.rig.ip('host', 'route', 'show', 'dev', bridge) as readonly HostLink[];
  return {
    inspect: json as Json,
    bridge: links.filter(({ ifname }) => ifname === bridge).map(steady),
    ports: links.filter(({ master }) => master === bridge).map(steady),
    addresses: addresses[0]?.addr_info ?? null,
    routes,
  };
}

const nameOf = (line: string): string => / --name (\S+)/.exec(line)?.[1] ?? '';
const isRun = (line: string): boolean => /^(run|create) /.test(line);
const isNetwork = (line: string): boolean => line.startsWith('network create ');

const unique = (names: readonly string[]): readonly string[] =>
  [...new Set(names)].filter((name) => name !== '');

async function answer(engine: EngineHost, line: string): Promise<Json> {
  const [, path, body] = /^POST (\S+) (.*)$/.exec(line) ?? [];
  if (path && body) {
    const { status, json } = await engine.api('POST', path, { json: JSON.parse(body) });
    return { status, json: json as Json };
  }
  const { status, stdout, stderr } = await engine.tryDocker(wordsOf(line));
  return { status, stdout: stdout.split('\n'), stderr: stderr.split('\n') };
}

const table = async (names: readonly string[], look: (name: string) => Promise<Json>): Promise<Json> =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, await look(name)] as const)));

/** `look`: what has been made is looked at too, and not the answers alone. */
export async function observe(
  engine: EngineHost,
  { commands, also = {} }: Combination,
  { look }: { readonly look: boolean },
): Promise<Observation> {
  const answers: Record<string, Json> = {};
  for (const line of commands) answers[line] = await answer(engine, line);
  if (!look) return { commands: answers };
  const made = commands.filter(isNetwork).map((line) => line.split(' ').at(-1) ?? '');
  const networks = unique([...made, ...(also.networks ?? [])]);
  const containers = unique([...commands.filter(isRun).map(nameOf), ...(also.containers ?? [])]);
  return {
    commands: answers,
    networks: await table(networks, (name) => networkView(engine, name)),
    containers: await table(containers, (name) => containerView(engine, name)),
  };
}
