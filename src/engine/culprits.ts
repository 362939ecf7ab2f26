/**
 * Which program has changed what is put back: the one that the kernel names with an event, or else a manager of networks
 * that runs on the host.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import type { Sender } from '../kernel/events.ts';

/** Programs that set up links, addresses, rules or sysctls by themselves, by their names in /proc (15 characters at most). */
const managers: ReadonlySet<string> = new Set([
  ...['NetworkManager', 'systemd-network', 'networkd-dispat', 'connmand', 'wickedd', 'netplan', 'dhcpcd'],
  ...['firewalld', 'ufw', 'nft', 'iptables', 'ip6tables', 'shorewall', 'fail2ban-server', 'systemd-sysctl'],
  ...['ip', 'sysctl', 'dockerd', 'kube-proxy', 'ansible', 'puppet', 'chef-client'],
]);

/** Programs that the engine starts as well: another one is named first. */
const alsoOurs = /^ip6?tables(-legacy|-nft)?-(restore|save)$/;

const mostKept = 4;
/** Milliseconds for which the list of running managers holds. */
const listLasts = 10_000;

export class Culprits {
  readonly #list: () => Promise<readonly string[]>;
  readonly #senders = new Map<string, Sender[]>();
  #running: { readonly until: number; readonly names: Promise<readonly string[]> } | undefined;

  /** `list` names managers of networks that run. */
  constructor(list: () => Promise<readonly string[]> = runningManagers) {
    this.#list = list;
  }

  /** To be called with the event: a program may end soon after. */
  note(scopes: Iterable<string>, { pid, ...sender }: Sender): void {
    if (pid === process.pid) return;
    const name = sender.name ?? nameOf(pid);
    for (const scope of scopes) {
      const before = (this.#senders.get(scope) ?? []).filter((one) => one.pid !== pid);
      this.#senders.set(scope, [...before, { pid, name }].slice(-mostKept));
    }
  }

  /** The senders of events of the scope until now, who are forgotten. */
  take(scope: string): readonly Sender[] {
    const senders = this.#senders.get(scope) ?? [];
    this.#senders.delete(scope);
    return senders;
  }

  /** Drops those of scopes that are gone. */
  forgetScopes(isThere: (scope: string) => boolean): void {
    for (const scope of this.#senders.keys()) if (!isThere(scope)) this.#senders.delete(scope);
  }

  /** In words. */
  async tell(senders: readonly Sender[]): Promise<string> {
    const last = senders.findLast(({ name = '' }) => !alsoOurs.test(name)) ?? senders.at(-1);
    if (last)
      return last.name ? `${last.name} (process ${last.pid})` : `process ${last.pid}, which has ended`;
    const names = await this.#managers();
    return names.length > 0 ? `probably ${names.join(' or ')}` : 'an unknown program';
  }

  #managers(): Promise<readonly string[]> {
    if (!this.#running || this.#running.until < Date.now())
      this.#running = { until: Date.now() + listLasts, names: this.#list() };
    return this.#running.names;
  }
}

/** '' for a process that has ended. */
function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Those in this network namespace. */
async function runningManagers(): Promise<readonly string[]> {
  const here = readlinkSync('/proc/self/ns/net');
  const found = new Set<string>();
  for (const pid of await readdir('/proc'))
    if (/^\d+$/.test(pid)) {
      try {
        const name = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
        if (managers.has(name) && (await readlink(`/proc/${pid}/ns/net`)) === here) found.add(name);
      } catch {
        // it has ended
      }
    }
  return [...found].sort();
}
