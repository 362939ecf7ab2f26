/**
 * Ring 3's world: a `host` with an uplink and an `outside` at the uplink's other end, each a network
 * namespace of its own, made and checked by iproute2 and not by the code under test. Both are gone
 * when the tests of the file are over, passed or failed.
 *
 *     const rig = openRig();          // at the top of a file or of a describe
 *     const kernel = rig.kernel();    // a Kernel whose `host` is the rig's host
 *     rig.run('host', 'ip', 'link');
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll } from 'vitest';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { openKernel } from '../../src/kernel/open.ts';

export const uplink = {
  name: 'up0',
  address: '198.51.100.2',
  address6: '2001:db8:51::2',
  outside: '198.51.100.1',
  outside6: '2001:db8:51::1',
} as const;

/** The backend of the firewall that tests of networks are run with: SEAWAY_TEST_FIREWALL, by default iptables. */
export const firewallBackend: 'iptables' | 'nftables' =
  process.env.SEAWAY_TEST_FIREWALL === 'nftables' ? 'nftables' : 'iptables';

/** 'host', 'outside', or the path of a namespace. */
export type Where = 'host' | 'outside' | (string & {});

export interface Rig {
  /** Paths of the namespaces. */
  readonly host: string;
  readonly outside: string;
  /** A path for a further namespace, unique; what is there at the end is removed. */
  path(name: string): string;
  /** Runs a command inside and gives its standard output; throws with what it said on failure. */
  run(where: Where, ...command: readonly string[]): string;
  /** `ip -d -j ARGUMENTS` inside, parsed. */
  ip(where: Where, ...args: readonly string[]): readonly IpObject[];
  /** Starts a command inside that runs on (a server); it is killed at the end. */
  start(where: Where, ...command: readonly string[]): Started;
  /** A Kernel of the rig's host. Closed at the end, if not before. */
  kernel(): Kernel;
  /** As after a reboot: both namespaces are made again. */
  rebuild(): void;
  close(): void;
}

/** What `ip -j` prints; the tests know its fields. */
export type IpObject = { readonly [field: string]: unknown };

export interface Started {
  readonly pid: number;
  /** What it first wrote to its standard output; '' if it ended before. */
  readonly firstLine: Promise<string>;
  /** When its output has ended. */
  readonly ended: Promise<void>;
  /** Told of each line that it writes. */
  onLine(listener: (line: string) => void): void;
  stop(): void;
}

const FOLDER = '/run/netns';

/** A new namespace inherits some of the machine's own settings; a rig begins with the kernel's. */
const settings: Readonly<Record<string, string>> = {
  'ipv4/ip_forward': '0',
  'ipv6/conf/all/forwarding': '0',
  'ipv6/conf/default/forwarding': '0',
  'bridge/bridge-nf-call-iptables': '1',
  'bridge/bridge-nf-call-ip6tables': '1',
  ...Object.fromEntries(
    ['all', 'default'].flatMap((scope) => [
      [`ipv4/conf/${scope}/rp_filter`, '0'],
      [`ipv4/conf/${scope}/route_localnet`, '0'],
      [`ipv4/conf/${scope}/arp_ignore`, '0'],
      [`ipv4/conf/${scope}/arp_announce`, '0'],
      [`ipv6/conf/${scope}/disable_ipv6`, '0'],
      [`ipv6/conf/${scope}/accept_ra`, '1'],
    ]),
  ),
};
const plainSysctls = Object.entries(settings)
  .map(([key, value]) => `f=/proc/sys/net/${key}; [ ! -e $f ] || echo ${value} >$f`)
  .join('; ');
let rigs = 0;

// Vitest ends its workers so; without a handler, what is registered for the exit would not be done
process.once('SIGTERM', () => process.exit(143));

/**
 * Makes a rig and registers its end. Needs root. Call it where `afterAll` may be called. `later`: its namespaces
 * are made before the first test, and not at all where the tests are skipped.
 */
export function openRig({ later = false } = {}): Rig {
  removeLeftovers();
  rigs += 1;
  const rig = new NamespacePair(`sw-${process.pid}-${rigs}`);
  const close = (): void => rig.close();
  process.once('exit', close);
  afterAll(() => {
    process.off('exit', close);
    rig.close();
  });
  if (later) beforeAll(() => rig.build());
  else rig.build();
  return rig;
}

class NamespacePair implements Rig {
  readonly host: string;
  readonly outside: string;
  readonly #name: string;
  readonly #endings: (() => void)[] = [];

  constructor(name: string) {
    this.#name = name;
    this.host = `${FOLDER}/${name}-host`;
    this.outside = `${FOLDER}/${name}-out`;
  }

  build(): void {
    const [host, out] = [`${this.#name}-host`, `${this.#name}-out`];
    for (const name of [host, out]) {
      execute(['ip', 'netns', 'add', name]);
      execute(['nsenter', `--net=${FOLDER}/${name}`, 'sh', '-c', plainSysctls]);
    }
    const batch = [
      `-n ${host} link set lo up`,
      `-n ${out} link set lo up`,
      `-n ${host} link add ${uplink.name} type veth peer name up1 netns ${out}`,
      `-n ${host} addr add ${uplink.address}/24 dev ${uplink.name}`,
      `-n ${host} addr add ${uplink.address6}/64 dev ${uplink.name} nodad`,
      `-n ${out} addr add ${uplink.outside}/24 dev up1`,
      `-n ${out} addr add ${uplink.outside6}/64 dev up1 nodad`,
      `-n ${host} link set ${uplink.name} up`,
      `-n ${out} link set up1 up`,
      `-n ${host} route add default via ${uplink.outside}`,
      `-n ${host} route add default via ${uplink.outside6}`,
    ];
    for (const line of batch) execute(['ip', ...line.split(' ')]);
  }

  rebuild(): void {
    for (const path of [this.host, this.outside])
      execute(['ip', 'netns', 'del', path.slice(FOLDER.length + 1)]);
    this.build();
  }

  path(name: string): string {
    return `${FOLDER}/${this.#name}-${name}`;
  }

  run(where: Where, ...command: readonly string[]): string {
    return execute(['nsenter', `--net=${this.#file(where)}`, ...command]);
  }

  ip(where: Where, ...args: readonly string[]): readonly IpObject[] {
    const output = this.run(where, 'ip', '-d', '-j', ...args);
    return output.trim() === '' ? [] : JSON.parse(output);
  }

  start(where: Where, ...command: readonly string[]): Started {
    const child = spawn('nsenter', [`--net=${this.#file(where)}`, ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const stop = (): void => void child.kill('SIGKILL');
    this.#endings.push(stop);
    const lines = createInterface({ input: child.stdout });
    const firstLine = new Promise<string>((resolve) => {
      lines.once('line', resolve).once('close', () => resolve(''));
    });
    const ended = new Promise<void>((resolve) => lines.once('close', resolve));
    const onLine = (listener: (line: string) => void): void => void lines.on('line', listener);
    return { pid: child.pid ?? 0, firstLine, ended, onLine, stop };
  }

  kernel(): Kernel {
    const kernel = openKernel({ namespace: this.host });
    this.#endings.push(() => kernel.close());
    return kernel;
  }

  close(): void {
    for (const end of this.#endings.splice(0)) end();
    removeNamespaces(`${this.#name}-`);
  }

  #file(where: Where): string {
    if (where === 'host') return this.host;
    return where === 'outside' ? this.outside : where;
  }
}

function execute(command: readonly string[]): string {
  const [program = '', ...args] = command;
  const done = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000, maxBuffer: 256 << 20 });
  if (done.status === 0) return done.stdout;
  const said = `${done.stderr ?? ''}${done.stdout ?? ''}`.trim() || String(done.error ?? done.signal);
  throw new Error(`${command.join(' ')}: ${said}`);
}

/** Rigs of test processes that were killed before they could clean up. */
function removeLeftovers(): void {
  const names = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  const pids = new Set(names.map((name) => /^sw-(\d+)-/.exec(name)?.[1] ?? ''));
  for (const pid of pids) {
    if (pid !== '' && !existsSync(`/proc/${pid}`)) removeNamespaces(`sw-${pid}-`);
  }
}

function removeNamespaces(prefix: string): void {
  const names = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    spawnSync('ip', ['netns', 'del', name]);
  }
}
