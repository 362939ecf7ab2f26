/** What the matrix asks in: a network for each mode with a server and its neighbour, and a container of another network. */
import { openSync } from 'node:fs';
import { OWN_NAMESPACE } from '../../../src/kernel/netns/enter.ts';
import { uplink } from '../../kernel/rig.ts';
import type { EngineHost } from '../engine-host.ts';
import type { Answer } from '../request.ts';
import { type Binding, bindings, type Cell, direct, type Mode, modes, protocols, second } from './cells.ts';
import { inside, serve } from './probe.ts';

const subnet = { 4: (at: number) => `10.${80 + at}.0`, 6: (at: number) => `fd80:${at + 1}:` } as const;
const lengthOf = { 4: '0/24', 6: ':/64' } as const;
const gatewayOf = (at: number, family: 4 | 6): string =>
  family === 4 ? `${subnet[4](at)}.1` : `${subnet[6](at)}:1`;
const containerOf = (at: number, family: 4 | 6): string =>
  family === 4 ? `${subnet[4](at)}.2` : `${subnet[6](at)}:2`;

/** Place of the network that all modes have for `other`. */
const elsewhere = modes.length;

const firstPort = 21_000;
export const hostPort = (mode: Mode, binding: Binding): number =>
  firstPort + 100 * modes.indexOf(mode) + bindings.indexOf(binding);

const [publishedPort, otherPort] = [80, 81];

export interface World {
  /** Descriptors of the namespaces; that of this process. */
  readonly home: number;
  readonly outside: number;
  readonly host: number;
  readonly other: number;
  readonly servers: ReadonlyMap<Mode, number>;
  readonly neighbours: ReadonlyMap<Mode, number>;
  /** Which forms of `-p` the engine has refused, and how. */
  readonly refused: ReadonlyMap<string, string>;
}

const must = ({ status, text, json }: Answer): { readonly Id: string } => {
  if (status >= 300) throw new Error(text);
  return json as { readonly Id: string };
};

const refusalOf = (mode: Mode, binding: Binding): string => `${mode.name} | ${binding.name}`;

/** Makes all that these cells need. The engine runs, on a host without anything of its own. */
export async function openWorld(engine: EngineHost, cells: readonly Cell[]): Promise<World> {
  const { rig } = engine;
  for (const [address, length] of [
    [second[4], 24],
    [second[6], 64],
  ])
    rig.run(
      'host',
      'ip',
      'address',
      'add',
      `${address}/${length}`,
      'dev',
      uplink.name,
      ...nodad(`${address}`),
    );
  answerAll(engine);
  const refused = new Map<string, string>();
  const [servers, neighbours] = [new Map<Mode, number>(), new Map<Mode, number>()];
  await makeNetwork(engine, { name: 'elsewhere', families: [4, 6] }, elsewhere);
  const other = await namespaceOf(engine, await start(engine, { network: 'elsewhere', ports: [] }));
  const home = openSync(OWN_NAMESPACE, 'r');
  for (const mode of modes) setInput(engine, mode);
  const byMode = [...Map.groupBy(cells, (cell) => cell.mode)];
  await Promise.all(
    byMode.map(async ([mode, own]) => {
      const network = networkOf(modes.indexOf(mode));
      await makeNetwork(engine, mode, modes.indexOf(mode));
      const server = await startServer(engine, { network, mode, ports: bindingsOf(own) }, refused);
      servers.set(mode, await namespaceOf(engine, server));
      neighbours.set(mode, await namespaceOf(engine, await start(engine, { network, ports: [] })));
    }),
  );
  for (const [{ name }, namespace] of servers)
    await inside(namespace, home, () => serve({ name, ports: [publishedPort, otherPort] }));
  const [outside, host] = [rig.outside, rig.host].map((path) => openSync(path, 'r'));
  return { outside: outside ?? -1, host: host ?? -1, home, other, servers, neighbours, refused };
}

/** The kernel tells of closed UDP ports as often as it is asked. */
const answerAll = ({ rig }: EngineHost): void =>
  void rig.run(
    'host',
    ...['sysctl', '-e', '-q', '-w', 'net.ipv4.icmp_ratelimit=0', 'net.ipv6.icmp.ratelimit=0'],
    ...['net.ipv4.icmp_msgs_per_sec=100000', 'net.ipv4.icmp_msgs_burst=100000'],
  );

const nodad = (address: string): readonly string[] => (address.includes(':') ? ['nodad'] : []);
const networkOf = (at: number): string => (at === elsewhere ? 'elsewhere' : `mode${at}`);

async function makeNetwork(engine: EngineHost, { families, options }: Mode, at: number): Promise<void> {
  const Config = families.map((family) => ({
    Subnet: `${subnet[family](at)}${family === 4 ? '.' : ''}${lengthOf[family]}`,
    Gateway: gatewayOf(at, family),
  }));
  for (const { Subnet } of Config) {
    const via = Subnet.includes(':') ? uplink.address6 : uplink.address;
    engine.rig.run('outside', 'ip', 'route', 'add', Subnet, 'via', via);
  }
  const json = {
    Name: networkOf(at),
    Driver: 'bridge',
    EnableIPv4: families.includes(4),
    EnableIPv6: families.includes(6),
    IPAM: { Config },
    Options: { 'com.docker.network.bridge.name': `br-${networkOf(at)}`, ...options },
  };
  must(await engine.api('POST', '/networks/create', { json }));
}

const bindingsOf = (cells: readonly Cell[]): readonly Binding[] =>
  bindings.filter((each) => cells.some(({ binding }) => binding === each));

/** Rules of the host for the ports of that mode. */
function setInput({ rig }: EngineHost, mode: Mode): void {
  if (mode.input !== 'drops') return;
  const first = hostPort(mode, { name: '', host: '' }) + 1;
  for (const program of ['iptables', 'ip6tables'])
    for (const protocol of protocols) {
      const ports = `${first}:${first + bindings.length}`;
      rig.run('host', program, '-A', 'INPUT', '-p', protocol, '--dport', ports, '-j', 'DROP');
    }
}

interface Start {
  readonly network: string;
  readonly mode?: Mode;
  readonly ports: readonly Binding[];
}

async function start(engine: EngineHost, { network, mode, ports }: Start): Promise<string> {
  const PortBindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  if (mode)
    for (const protocol of protocols)
      PortBindings[`${publishedPort}/${protocol}`] = ports.map((binding) => ({
        HostIp: binding.host,
        HostPort: String(hostPort(mode, binding)),
      }));
  // Docker ignores bindings of ports that are not exposed
  const ExposedPorts = Object.fromEntries(Object.keys(PortBindings).map((port) => [port, {}]));
  const json = {
    Image: 'busybox',
    Cmd: ['sleep', '1000'],
    ExposedPorts,
    HostConfig: { NetworkMode: network, PortBindings },
  };
  const { Id } = must(await engine.api('POST', '/containers/create', { json }));
  const started = await engine.api('POST', `/containers/${Id}/start`);
  if (started.status < 300) return Id;
  await engine.api('DELETE', `/containers/${Id}?force=1`);
  throw new Error(started.message);
}

/** With those of the forms of `-p` that the engine takes on that network. */
async function startServer(
  engine: EngineHost,
  asked: Required<Start>,
  refused: Map<string, string>,
): Promise<string> {
  const whole = await tryStart(engine, asked);
  if (whole.id !== undefined) return whole.id;
  const left: Binding[] = [];
  for (const binding of asked.ports) {
    const { id, why = '' } = await tryStart(engine, { ...asked, ports: [binding] });
    if (id === undefined) refused.set(refusalOf(asked.mode, binding), why);
    else {
      await engine.api('DELETE', `/containers/${id}?force=1`);
      left.push(binding);
    }
  }
  return start(engine, { ...asked, ports: left });
}

const tryStart = (
  engine: EngineHost,
  asked: Start,
): Promise<{ readonly id?: string; readonly why?: string }> =>
  start(engine, asked).then(
    (id) => ({ id }),
    (error: Error) => ({ why: error.message }),
  );

async function namespaceOf(engine: EngineHost, id: string): Promise<number> {
  const { json } = await engine.api('GET', `/containers/${id}/json`);
  const { State } = json as { readonly State: { readonly Pid: number } };
  return openSync(`/proc/${State.Pid}/ns/net`, 'r');
}

/** A descriptor of the asker's namespace, and what it asks. */
export interface Asked {
  readonly namespace: number;
  readonly host: string;
  readonly port: number;
}

/** Where the asker of a cell is; what it asks. Undefined where the engine has refused to publish the port. */
export function questionOf(world: World, cell: Cell): Asked | undefined {
  const { mode, binding, place } = cell;
  if (world.refused.has(refusalOf(mode, binding))) return undefined;
  const isDirect = direct.includes(binding);
  const port = isDirect ? (binding === direct[0] ? publishedPort : otherPort) : hostPort(mode, binding);
  const namespaces = { itself: world.servers.get(mode), neighbour: world.neighbours.get(mode) };
  const namespace = place === 'itself' || place === 'neighbour' ? (namespaces[place] ?? -1) : world[place];
  return { namespace, host: hostOf(cell), port };
}

function hostOf({ mode, place, address, family }: Cell): string {
  const own = place === 'other' ? elsewhere : modes.indexOf(mode);
  if (address === 'host') return family === 4 ? uplink.address : uplink.address6;
  if (address === 'second') return second[family];
  if (address === 'loopback') return family === 4 ? '127.0.0.1' : '::1';
  return address === 'gateway' ? gatewayOf(own, family) : containerOf(modes.indexOf(mode), family);
}

/** An address in words that do not depend on the cell. */
export function wordOf(cell: Cell, seen: string, own: string): string {
  const { mode, family } = cell;
  if (seen === own.replace('::ffff:', '')) return 'client';
  if (seen === gatewayOf(modes.indexOf(mode), family)) return 'gateway';
  if (seen === uplink.address || seen === uplink.address6) return 'host';
  if (seen === second[family]) return 'second';
  return seen;
}
