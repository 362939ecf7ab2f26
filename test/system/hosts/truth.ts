/** The truth about hosts of a cluster: the containers that run, and what their own namespaces hold. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../commands.ts';
import type { Host } from './world.ts';

export interface Membership {
  readonly network: string;
  readonly endpoint: string;
  /** As the container's namespace has it. */
  readonly mac: string;
  /** Without prefix length. */
  readonly addresses: readonly string[];
  readonly names: readonly string[];
}

export interface Container {
  readonly host: number;
  readonly id: string;
  readonly name: string;
  readonly pid: number;
  readonly on: readonly Membership[];
}

interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Running: boolean; readonly Pid: number };
  readonly NetworkSettings: {
    readonly Networks: Readonly<
      Record<
        string,
        {
          readonly NetworkID: string;
          readonly EndpointID: string;
          readonly IPAddress: string;
          readonly GlobalIPv6Address: string;
          readonly MacAddress: string;
          readonly DNSNames: readonly string[] | null;
        }
      >
    >;
  };
}

interface Link {
  readonly ifname: string;
  readonly address: string;
  readonly addr_info: readonly { readonly local: string; readonly scope: string }[];
}

async function linksIn(path: string): Promise<readonly Link[]> {
  const { status, stdout } = await run(['nsenter', `--net=${path}`, 'ip', '-j', 'address']);
  return status === 0 && stdout.trim() !== '' ? JSON.parse(stdout) : [];
}

/** Containers that run on a host, of what is told of them, each checked in its namespace. */
export async function runningOn(
  { engine, number }: Host,
  networks: ReadonlySet<string>,
): Promise<{ readonly containers: readonly Container[]; readonly wrong: readonly string[] }> {
  const listed = (await engine.api('GET', '/containers/json')).json as readonly { readonly Id: string }[];
  const wrong: string[] = [];
  const containers: Container[] = [];
  for (const { Id } of listed) {
    const { status, json } = await engine.api('GET', `/containers/${Id}/json`);
    if (status !== 200) continue;
    const inspected = json as Inspected;
    const { container, differences } = await lookInside(inspected, { host: number, networks });
    containers.push(container);
    wrong.push(...differences);
  }
  return { containers, wrong };
}

async function lookInside(
  { Id, Name, State, NetworkSettings: { Networks } }: Inspected,
  { host, networks }: { readonly host: number; readonly networks: ReadonlySet<string> },
) {
  const links = await linksIn(`/proc/${State.Pid}/ns/net`);
  const differences: string[] = [];
  const on = Object.values(Networks)
    .filter(({ NetworkID }) => networks.has(NetworkID))
    .map((told): Membership => {
      const link = links.find(({ address }) => address === told.MacAddress);
      const addresses = globalOf(link).toSorted();
      const said = [told.IPAddress, told.GlobalIPv6Address].filter(Boolean).toSorted();
      if (String(addresses) !== String(said))
        differences.push(`host ${host}: ${Name} has ${addresses}, inspect says ${said}`);
      return {
        ...{ network: told.NetworkID, endpoint: told.EndpointID, mac: told.MacAddress, addresses },
        names: told.DNSNames ?? [],
      };
    });
  return { container: { host, id: Id, name: Name.slice(1), pid: State.Pid, on }, differences };
}

const globalOf = (link: Link | undefined): readonly string[] =>
  (link?.addr_info ?? []).filter(({ scope }) => scope === 'global').map(({ local }) => local);

export interface Held {
  /** Path of the container's namespace. */
  readonly path: string;
  readonly address: string;
}

/** That of docker_gwbridge is of the host alone. */
const isShared = (address: string): boolean => !address.startsWith('172.') && !address.startsWith('127.');

async function heldIn(path: string): Promise<readonly Held[]> {
  const links = await linksIn(path);
  // the namespace of a network, which has the gateway's address on each host
  if (links.some(({ ifname }) => ifname === 'br0')) return [];
  return links.flatMap(globalOf).flatMap((address) => (isShared(address) ? [{ path, address }] : []));
}

async function heldOn({ engine }: Host): Promise<readonly Held[]> {
  const folder = join(engine.folder, 'run/netns');
  if (!existsSync(folder)) return [];
  const held = await Promise.all(readdirSync(folder).map((name) => heldIn(join(folder, name))));
  return held.flat();
}

/** Addresses that two containers have at one moment, whatever their engines say. */
export async function heldTwice(hosts: readonly Host[]): Promise<readonly string[]> {
  const all = (await Promise.all(hosts.map(heldOn))).flat();
  const first = new Map<string, Held>();
  const twice: string[] = [];
  for (const held of all) {
    const before = first.get(held.address);
    first.set(held.address, held);
    if (before && (await isHeldByBoth(before, held)))
      twice.push(`${held.address}: ${before.path} and ${held.path}`);
  }
  return twice;
}

/** The one before and after the other. */
async function isHeldByBoth(one: Held, other: Held): Promise<boolean> {
  for (const { path, address } of [other, one, other])
    if (!(await heldIn(path)).some((held) => held.address === address)) return false;
  return true;
}
