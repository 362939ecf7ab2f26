/**
 * Keeps the bridges of networks in firewalld's zone `docker`, as Docker does. firewalld's nftables backend rejects
 * packets from interfaces without a zone in a table of its own, which rules elsewhere cannot override.
 */
import { existsSync, readlinkSync } from 'node:fs';
import type { DaemonConfig } from '../config/config.ts';
import { type Bus, busName, openBus, socketOf } from '../dbus/bus.ts';
import type { Message } from '../dbus/message.ts';
import { type Value, variant } from '../dbus/wire.ts';
import { hasCode, messageOf } from '../errors.ts';
import { isOnHost } from '../model/host-routes.ts';
import type { Model } from '../model/memory.ts';
import type { Logger } from '../observe/logger.ts';
import type { Retries } from '../reconcile/retries.ts';

const name = 'org.fedoraproject.FirewallD1';
const path = '/org/fedoraproject/FirewallD1';
const zone = 'docker';
const policy = 'docker-forwarding';
const subject = { key: 'step:firewalld', name: 'firewalld' };
const busAddress = 'unix:path=/run/dbus/system_bus_socket';

interface Parts {
  readonly config: Pick<DaemonConfig, 'iptables' | 'ip6tables'>;
  readonly model: Model;
  readonly retries: Retries;
  readonly logger: Logger;
}

export class Firewalld {
  readonly #core: Parts;
  #bus: Bus | undefined;
  /** Whether firewalld runs and has the zone. */
  #isReady = false;
  /** Bridges in the zone, by network. */
  #links = new Map<string, string>();
  /** Serializes the exchanges. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(core: Parts) {
    this.#core = core;
  }

  /** Finds firewalld and puts all bridges into its zone; retried if that fails. */
  async begin(): Promise<void> {
    const { config, retries } = this.#core;
    if (config.iptables || config.ip6tables)
      await retries.attempt(subject, () => this.#inTurn(() => this.#meet()));
  }

  /** To be called after networks were made or removed. Never rejects. */
  async follow(networks: Iterable<string>): Promise<void> {
    if (!this.#isReady) return;
    const ids = [...networks].filter((id) => this.#linkOf(id) !== this.#links.get(id));
    if (ids.length === 0) return;
    await this.#core.retries.attempt(subject, () =>
      this.#inTurn(async () => {
        for (const id of ids) await this.#place(id);
      }),
    );
  }

  close(): void {
    this.#isReady = false;
    this.#bus?.close();
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #linkOf(id: string): string | undefined {
    const { model } = this.#core;
    const network = model.get('networks', id);
    return network && isOnHost(model.drivers, network) ? network.link : undefined;
  }

  async #meet(): Promise<void> {
    const socket = socketOf(process.env.DBUS_SYSTEM_BUS_ADDRESS ?? busAddress);
    if (socket === undefined || !existsSync(socket)) return;
    this.#bus?.close();
    const bus = await openBus(socket, {
      signal: (message) => this.#receive(message),
      lost: (why) => this.#lose(why),
    });
    this.#bus = bus;
    for (const rule of [
      `type='signal',sender='${name}',path='${path}',interface='${name}',member='Reloaded'`,
      `type='signal',sender='${busName}',interface='${busName}',member='NameOwnerChanged',arg0='${name}'`,
    ])
      await bus.ask('AddMatch', 's', [rule]);
    await this.#placeAll(bus);
  }

  #receive({ member, values }: Message): void {
    const hasEnded = member === 'NameOwnerChanged' && values[2] === '';
    if (hasEnded) this.#isReady = false;
    const bus = this.#bus;
    if (hasEnded || !bus || (member !== 'NameOwnerChanged' && member !== 'Reloaded')) return;
    void this.#core.retries.attempt(subject, () => this.#inTurn(() => this.#placeAll(bus)));
  }

  #lose(why: Error): void {
    this.#isReady = false;
    this.#core.retries.failed(subject, why, () => this.begin());
  }

  /** Makes the zone and puts the bridges of all networks into it. */
  async #placeAll(bus: Bus): Promise<void> {
    if (!(await this.#isHere(bus))) return;
    const isNew = [await this.#addZone(bus), await this.#addPolicy(bus)].some(Boolean);
    if (isNew) await ask(bus, '.reload');
    const [inside] = await ask(bus, '.zone.getInterfaces', 's', [zone]);
    const { model, logger } = this.#core;
    this.#isReady = true;
    this.#links = new Map();
    for (const { id } of [...model.all('networks')]) {
      const link = this.#linkOf(id);
      if (link !== undefined && (inside as readonly string[]).includes(link)) this.#links.set(id, link);
      else await this.#place(id);
    }
    logger.info('bridges are in a zone of firewalld', { zone, bridges: this.#links.size });
  }

  /** Whether firewalld runs in this network namespace; one of the host does not concern an engine in its own. */
  async #isHere(bus: Bus): Promise<boolean> {
    const [isThere] = await bus.ask('NameHasOwner', 's', [name]);
    if (isThere !== true) return false;
    const [pid] = await bus.ask('GetConnectionUnixProcessID', 's', [name]);
    return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net');
  }

  /** True if it was missing. */
  async #addZone(bus: Bus): Promise<boolean> {
    const [zones] = await ask(bus, '.zone.getZones');
    if ((zones as readonly string[]).includes(zone)) return false;
    const settings = {
      ...{ version: variant('s', '1.0'), target: variant('s', 'ACCEPT') },
      description: variant('s', 'zone for docker bridge network interfaces'),
    };
    return isNew(ask(bus, '.config.addZone2', 'sa{sv}', [zone, Object.entries(settings)]));
  }

  /** Accepts packets forwarded to the zone, which the engine's rules filter. */
  #addPolicy(bus: Bus): Promise<boolean> {
    const settings = {
      ...{ version: variant('s', '1.0'), target: variant('s', 'ACCEPT') },
      description: variant('s', 'allow forwarding to the docker zone'),
      ...{ ingress_zones: variant('as', ['ANY']), egress_zones: variant('as', [zone]) },
    };
    return isNew(ask(bus, '.config.addPolicy', 'sa{sv}', [policy, Object.entries(settings)]));
  }

  async #place(id: string): Promise<void> {
    const bus = this.#bus;
    const [before, link] = [this.#links.get(id), this.#linkOf(id)];
    if (!bus || before === link) return;
    const isShared = before !== undefined && this.#core.model.networksOfLink(before).length > 0;
    if (before !== undefined && !isShared) await change(bus, 'removeInterface', before);
    this.#links.delete(id);
    if (link === undefined) return;
    await change(bus, 'addInterface', link);
    this.#links.set(id, link);
  }
}

/** Calls firewalld; `method` follows the interface's name. */
function ask(
  bus: Bus,
  method: string,
  signature = '',
  values: readonly Value[] = [],
): Promise<readonly Value[]> {
  const full = `${name}${method}`;
  const dot = full.lastIndexOf('.');
  return bus.call({
    ...{ destination: name, path: method.startsWith('.config') ? `${path}/config` : path },
    ...{ interface: full.slice(0, dot), member: full.slice(dot + 1), signature, values },
  });
}

/** An interface that is already there, or that the administrator has put into another zone, stays. */
async function change(bus: Bus, method: 'addInterface' | 'removeInterface', link: string): Promise<void> {
  await ask(bus, `.zone.${method}`, 'ss', [zone, link]).catch((error) => {
    if (!isRefusedAs(error, /ALREADY_ENABLED|ZONE_ALREADY_SET|ZONE_CONFLICT|UNKNOWN_INTERFACE|NOT_ENABLED/))
      throw error;
  });
}

const isRefusedAs = (error: unknown, words: RegExp): boolean =>
  hasCode(error, 'DBUS_REFUSED') && words.test(messageOf(error));

/** False if the name exists, or if firewalld is too old for the request. */
async function isNew(adding: Promise<unknown>): Promise<boolean> {
  try {
    await adding;
    return true;
  } catch (error) {
    if (isRefusedAs(error, /NAME_CONFLICT|ALREADY_|UnknownMethod/)) return false;
    throw error;
  }
}
