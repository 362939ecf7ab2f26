/** Compares what hosts of a cluster have with the truth: records, kernel, names, the store, and frames that pass. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../commands.ts';
import { type Container, type Membership, runningOn } from './truth.ts';
import type { Host, World } from './world.ts';

interface Told {
  readonly Id: string;
  readonly Name: string;
  readonly Scope: string;
  readonly Containers: Readonly<
    Record<
      string,
      {
        readonly Name: string;
        readonly EndpointID: string;
        readonly MacAddress: string;
        readonly IPv4Address: string;
        readonly IPv6Address: string;
      }
    >
  >;
}

type Records = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
type Member = Membership & { readonly container: Container };

interface State {
  readonly world: World;
  readonly members: readonly Member[];
  readonly records: Records;
}

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const bare = (address: string): string => address.replace(/\/\d+$/, '');
const lineOf = (endpoint: string, mac: string, addresses: readonly string[]): string =>
  `${endpoint.slice(0, 12)} ${mac} ${addresses.toSorted().join(' ')}`;
const memberLine = ({ endpoint, mac, addresses }: Membership): string => lineOf(endpoint, mac, addresses);

/** Lines that one has and the other has not. */
function differences(about: string, real: readonly string[], found: readonly string[]): readonly string[] {
  const [is, has] = [new Set(real), new Set(found)];
  return [
    ...found.filter((line) => !is.has(line)).map((line) => `${about}: + ${line}`),
    ...real.filter((line) => !has.has(line)).map((line) => `${about}: - ${line}`),
  ];
}

async function networksOn({ engine }: Host): Promise<readonly Told[]> {
  const listed = (await engine.api('GET', '/networks')).json as readonly Told[];
  const shared = listed.filter(({ Scope }) => Scope === 'global');
  const asked = await Promise.all(shared.map(({ Id }) => engine.api('GET', `/networks/${Id}`)));
  return asked.flatMap(({ status, json }) => (status === 200 ? [json as Told] : []));
}

/** Empty if all hosts agree with the containers that run. */
export async function judge(world: World): Promise<readonly string[]> {
  const records = await readStore(world);
  if (!records) return ['the store does not answer'];
  const networks = new Set(keysIn(records, 'networks').map(([id = '']) => id));
  const found = await Promise.all(world.hosts.map((host) => runningOn(host, networks)));
  const members = found.flatMap(({ containers }) =>
    containers.flatMap((container) => container.on.map((one) => ({ ...one, container }))),
  );
  const state: State = { world, members, records };
  const onHosts = await Promise.all(
    world.hosts.map(async (host) => [
      ...(await recordsOf(host, state)),
      ...(await kernelOf(host, state)),
      ...(await namesOn(host, state)),
      ...(await healthOf(host)),
    ]),
  );
  return [...found.flatMap(({ wrong }) => wrong), ...storeOf(state), ...onHosts.flat()];
}

async function readStore({ store, url, first }: World): Promise<Records | undefined> {
  const command = [process.execPath, script('read-store.ts'), url];
  const { status, stdout } = await run(['nsenter', `--net=${first.engine.rig.path('store')}`, ...command]);
  return status === 0 && store ? JSON.parse(stdout) : undefined;
}

/** The rest of the keys of a folder, split. */
const keysIn = (records: Records, folder: string): readonly (readonly string[])[] =>
  Object.keys(records).flatMap((key) =>
    key.startsWith(`${folder}/`) ? [key.slice(folder.length + 1).split('/')] : [],
  );

function storeOf({ members, records, world }: State): readonly string[] {
  const endpoints = keysIn(records, 'endpoints').map(([network = '', id = '']) => {
    const { peer } = records[`endpoints/${network}/${id}`] as { peer: { mac: string; addresses: string[] } };
    return lineOf(id, peer.mac, peer.addresses.map(bare));
  });
  const addresses = keysIn(records, 'addresses').map(([network = '', address = '']) => {
    const { endpoint } = records[`addresses/${network}/${address}`] as { endpoint: string };
    return `${address} ${endpoint.slice(0, 12)}`;
  });
  const owned = members.flatMap((one) => one.addresses.map((each) => `${each} ${one.endpoint.slice(0, 12)}`));
  const networks = keysIn(records, 'networks').map(([id = '']) => id);
  const owners = (folder: string): readonly string[] =>
    keysIn(records, folder).map(([name]) => String(records[`${folder}/${name}`]?.owner));
  return [
    ...differences('store, endpoints', members.map(memberLine), endpoints),
    ...differences('store, addresses', owned, addresses),
    ...differences('store, names', networks, owners('names')),
    ...differences('store, VNIs', networks, owners('vnis')),
    ...['nodes', 'live'].flatMap((folder) =>
      keysIn(records, folder).length === world.hosts.length ? [] : [`store, ${folder}: not all hosts`],
    ),
  ];
}

async function recordsOf(host: Host, { members, records }: State): Promise<readonly string[]> {
  const networks = await networksOn(host);
  const told = networks.flatMap(({ Containers }) =>
    Object.values(Containers).map((one) =>
      lineOf(one.EndpointID, one.MacAddress, [one.IPv4Address, one.IPv6Address].filter(Boolean).map(bare)),
    ),
  );
  const ids = keysIn(records, 'networks').map(([id = '']) => id);
  return [
    ...differences(
      `host ${host.number}, networks`,
      ids,
      networks.map(({ Id }) => Id),
    ),
    ...differences(`host ${host.number}, inspect`, members.map(memberLine), told),
  ];
}

const vniOf = (record: unknown): number =>
  (record as { network: { overlay: { vnis: readonly number[] } } }).network.overlay.vnis[0] ?? 0;

/** Of each network with a container of this host: forwarding entries, neighbours and ports of its bridge. Of others: nothing. */
async function kernelOf(host: Host, { world, members, records }: State): Promise<readonly string[]> {
  const dataOf = new Map(world.hosts.map(({ number, address }) => [number, address]));
  const real: string[] = [];
  for (const [id = ''] of keysIn(records, 'networks')) {
    const on = members.filter(({ network }) => network === id);
    const own = on.filter(({ container }) => container.host === host.number);
    if (own.length === 0) continue;
    const vni = vniOf(records[`networks/${id}`]);
    real.push(`${vni}: ${own.length} containers`);
    for (const { mac, addresses, container } of on.filter((one) => !own.includes(one))) {
      real.push(`${vni}: ${mac} at ${dataOf.get(container.host)}`);
      real.push(...addresses.map((address) => `${vni}: ${address} is ${mac}`));
    }
  }
  return differences(`host ${host.number}, kernel`, real, await tunnelsOn(host));
}

interface TunnelLink {
  readonly ifname: string;
  readonly linkinfo?: { readonly info_data?: { readonly id?: number }; readonly info_slave_kind?: string };
}
interface Entry {
  readonly mac?: string;
  readonly dst?: string;
  readonly lladdr?: string;
  readonly state?: readonly string[];
}

async function tunnelsOn({ engine }: Host): Promise<readonly string[]> {
  const folder = join(engine.folder, 'run/netns');
  const found = await Promise.all(
    readdirSync(folder).map(async (name) => {
      const inside = async <T>(...command: readonly string[]): Promise<readonly T[]> => {
        const { stdout } = await run(['nsenter', `--net=${join(folder, name)}`, ...command]);
        return stdout.trim() === '' ? [] : JSON.parse(stdout);
      };
      const links = await inside<TunnelLink>('ip', '-d', '-j', 'link');
      const vni = links.find(({ ifname }) => ifname === 'vxlan0')?.linkinfo?.info_data?.id;
      if (vni === undefined) return [];
      const ports = links.filter(({ linkinfo }) => linkinfo?.info_slave_kind === 'bridge').length - 1;
      const fdb = await inside<Entry>('bridge', '-j', 'fdb', 'show', 'dev', 'vxlan0');
      const neighbours = [
        ...(await inside<Entry>('ip', '-j', 'neigh', 'show', 'dev', 'vxlan0', 'nud', 'permanent')),
      ];
      return [
        `${vni}: ${ports} containers`,
        ...fdb.flatMap(({ mac, dst }) => (dst ? [`${vni}: ${mac} at ${dst}`] : [])),
        ...neighbours.flatMap(({ dst, lladdr }) => (lladdr ? [`${vni}: ${dst} is ${lladdr}`] : [])),
      ];
    }),
  );
  return found.flat();
}

/** From one container of this host on each network: all names of all hosts. */
async function namesOn(host: Host, { members }: State): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const network of new Set(members.map((one) => one.network))) {
    const on = members.filter((one) => one.network === network);
    const asker = on.find(({ container }) => container.host === host.number);
    if (!asker) continue;
    const { pid, on: networksOfAsker } = asker.container;
    // a name is looked up on all networks of the asker
    const seen = members.filter((one) => networksOfAsker.some((each) => each.network === one.network));
    const names = [...new Set(on.flatMap((one) => one.names))];
    const command = [process.execPath, script('ask-names.ts'), ...names];
    const { stdout } = await run(['nsenter', `--net=/proc/${pid}/ns/net`, ...command]);
    const told: Readonly<Record<string, readonly string[]>> = stdout === '' ? {} : JSON.parse(stdout);
    for (const name of names) {
      const holders = seen.filter((one) => one.names.includes(name));
      const possible = holders.flatMap(({ addresses }) => addresses);
      const needed = on.filter((one) => one.names.includes(name)).flatMap(({ addresses }) => addresses);
      const answer = told[name] ?? [];
      const isRight =
        networksOfAsker.length > 1
          ? answer.length > 0 && answer.every((address) => possible.includes(address))
          : String(answer) === String(needed.toSorted());
      if (!isRight) wrong.push(`host ${host.number}, name ${name}: ${answer}, not ${needed}`);
    }
  }
  return wrong;
}

async function healthOf({ engine, number }: Host): Promise<readonly string[]> {
  const { json: compared } = await engine.api('GET', '/seaway/compare');
  const { json: info } = await engine.api('GET', '/info');
  const { Scopes } = compared as { readonly Scopes: readonly unknown[] };
  const { Degraded } = info as { readonly Degraded: readonly { readonly Subject: string }[] };
  return [
    ...Scopes.map((scope) => `host ${number}, compare: ${JSON.stringify(scope)}`),
    ...(Degraded ?? []).map((one) => `host ${number}, degraded: ${JSON.stringify(one)}`),
  ];
}

/** Frames between all pairs of containers of one network on different hosts. */
export async function unreached(world: World): Promise<readonly string[]> {
  const networks = new Set((await networksOn(world.first)).map(({ Id }) => Id));
  const found = await Promise.all(world.hosts.map((host) => runningOn(host, networks)));
  const members = found.flatMap(({ containers }) =>
    containers.flatMap((container) => container.on.map((one) => ({ ...one, container }))),
  );
  const pairs = members.flatMap((from) =>
    members
      .filter((to) => to.network === from.network && to.container.host !== from.container.host)
      .map((to) => ({ from, to })),
  );
  const lost: string[] = [];
  for (const { from, to } of pairs) {
    const [address = ''] = to.addresses;
    const ping = ['busybox', 'ping', '-c3', '-A', '-W2', address];
    const { status } = await run(['nsenter', `--net=/proc/${from.container.pid}/ns/net`, ...ping]);
    if (status !== 0) lost.push(`${from.container.name} does not reach ${to.container.name} at ${address}`);
  }
  return lost;
}
