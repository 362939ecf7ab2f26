/**
 * Captures: what passes links of containers, networks and the host, as a stream of pcapng. It is read as fast as its reader
 * takes it; what comes meanwhile waits in the kernel's rings and is dropped there when they are full.
 */
import { Readable } from 'node:stream';
import type { CapturedPacket, PacketCapture } from '../kernel/capture/contract.ts';
import type { Link, Namespace } from '../kernel/kernel.ts';
import { addressBytes } from '../kernel/netlink/inet.ts';
import { bare } from '../net/address.ts';
import {
  interfaceBlock,
  linkTypes,
  namesBlock,
  packetBlockSize,
  sectionBlock,
  statisticsBlock,
  textPacketBlock,
  writePacketBlock,
} from '../net/pcapng.ts';
import { nowNanoseconds } from '../observe/clock.ts';
import type { EngineEvent } from '../observe/events.ts';
import { version } from '../version.ts';
import { type CapturePlace, placesOf } from './capture-places.ts';
import type { CaptureRequest, CaptureVerbs } from './capture-verbs.ts';
import type { Core } from './core.ts';
import { mostAtOnce, TimeOrder } from './time-order.ts';

type Capturing = Pick<Core, 'config' | 'events' | 'kernel' | 'model' | 'reconciler'>;

export const captureVerbs = (core: Capturing): CaptureVerbs => ({
  open: (request) => new Capture(core, request, placesOf(core, request.what)),
});

/** Milliseconds within which every ring has handed over what came: twice the time of a block. */
const orderPatience = 100;

/** Bytes of blocks that are handed on at once. */
const chunkSize = 1024 * 1024;

interface Open {
  readonly place: CapturePlace;
  readonly packets: PacketCapture;
  /** Numbers of interfaces in the file, by the index of their link; undefined: its packets are left out. */
  readonly interfaces: Map<number, number | undefined>;
  /** When its losses were told last, in nanoseconds, and how many they were. */
  told: bigint;
  dropped: number;
}

const second = 1_000_000_000n;

/** What the user asks for, and what makes it this place. */
function joined(a: string, b: string): string {
  const [first = '', second] = [a, b].filter((each) => each.trim() !== '');
  return second === undefined ? first : `(${first}) and (${second})`;
}

/** Undefined also where its namespace is just being closed. */
function linkOf(namespace: Namespace, index: number): Link | undefined {
  try {
    return namespace.route.findLinkByIndex(index);
  } catch {
    return undefined;
  }
}

class Capture extends Readable {
  readonly #core: Capturing;
  readonly #request: CaptureRequest;
  readonly #open: Open[] = [];
  readonly #ends: (() => void)[] = [];
  readonly #named = new Set<string>();
  #chunk = Buffer.allocUnsafe(chunkSize);
  #filled = 0;
  #interfaces = 0;
  #isPaused = true;
  /** Of captures at several places. */
  readonly #order: TimeOrder | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Throws before anything is read where a filter is wrong, or a socket cannot be had. */
  constructor(core: Capturing, request: CaptureRequest, places: readonly CapturePlace[]) {
    super({ highWaterMark: 4 * chunkSize });
    this.#core = core;
    this.#request = request;
    if (places.length > 1 || request.drops) this.#order = new TimeOrder(orderPatience);
    this.push(sectionBlock(`seaway ${version}`));
    this.#tellNames();
    try {
      for (const place of places) this.#begin(place);
      if (request.drops) this.#watchDrops();
    } catch (error) {
      this.#close();
      throw error;
    }
    this.#ends.push(core.events.listen((event) => this.#follow(event)));
  }

  override _read(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    for (const open of this.#open) this.#take(open);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#close();
    done(error);
  }

  #begin(place: CapturePlace): void {
    const { namespace, link, isBare, promiscuous, filter } = place;
    const { snaplen, filter: asked } = this.#request;
    const options = { link, isBare, promiscuous, snaplen, filter: joined(filter, asked) };
    const packets = this.#core.kernel.packets.capture(namespace, options, () => this.#take(open));
    const open: Open = { place, packets, interfaces: new Map(), told: 0n, dropped: 0 };
    this.#open.push(open);
  }

  /** New names; and the end of what is captured. */
  #follow({ type, action, id }: EngineEvent): void {
    if (action === 'connect') this.#tellNames();
    const isOver = (type === 'container' && action === 'die') || (type === 'network' && action === 'destroy');
    if (!isOver) return;
    for (const { place, packets } of this.#open) if (place.of === id) packets.close();
    if (this.#open.some(({ place }) => place.of === id)) this.#endSoon(id);
  }

  /** Once nothing is left that is captured. */
  #endSoon(id: string): void {
    const left = this.#open.filter(({ place }) => place.of !== id);
    this.#open.splice(0, this.#open.length, ...left);
    if (this.#open.every(({ place }) => place.of === '' && place.withoutOwn)) this.push(null);
  }

  /** Packets that have come so far, unless the reader is behind. */
  #take(open: Open): void {
    if (this.#isPaused || this.destroyed) return;
    open.packets.read((packet) => this.#write(open, packet));
    if (this.#order) this.#passInOrder(this.#order);
    else this.#flush();
    this.#tellLoss(open);
    if (!this.#isPaused) open.packets.whenReady();
  }

  #write(open: Open, packet: CapturedPacket): void {
    const { place, interfaces } = open;
    const { link, data } = packet;
    if (!interfaces.has(link)) interfaces.set(link, this.#interfaceOf(place, packet));
    const on = interfaces.get(link);
    if (on === undefined) return;
    const { seconds, nanoseconds, length, isOutgoing, vlan } = packet;
    const block = { on, seconds, nanoseconds, length, isOutgoing, vlan, data };
    const size = packetBlockSize(vlan, data);
    if (this.#order) {
      const made = Buffer.allocUnsafe(size);
      writePacketBlock(made, 0, block);
      this.#order.add(open, BigInt(seconds) * second + BigInt(nanoseconds), made);
      return;
    }
    if (this.#filled + size > chunkSize) this.#flush();
    this.#filled = writePacketBlock(this.#chunk, this.#filled, block);
  }

  /** A new interface of the file; undefined for a link that is left out. */
  #interfaceOf(
    { namespace, prefix, withoutOwn, filter }: CapturePlace,
    packet: CapturedPacket,
  ): number | undefined {
    const link = linkOf(namespace, packet.link);
    if (withoutOwn && (link?.alias.startsWith('seaway:') || link?.name.startsWith('veth'))) return undefined;
    // a filter for Ethernet does not understand it
    if (packet.isBare && !this.#fitsBare()) return undefined;
    return this.#addInterface({
      name: `${prefix}${link?.name ?? packet.link}`,
      description: link?.alias ?? '',
      linkType: packet.isBare ? linkTypes.bare : linkTypes.ethernet,
      filter: joined(filter, this.#request.filter),
    });
  }

  #fitsBare(): boolean {
    return this.#open.every(({ place }) => place.isBare || joined(place.filter, this.#request.filter) === '');
  }

  #addInterface(described: Omit<Parameters<typeof interfaceBlock>[0], 'snaplen'>): number {
    this.#flush();
    this.#pass(interfaceBlock({ ...described, snaplen: this.#request.snaplen }));
    return this.#interfaces++;
  }

  #flush(): void {
    if (this.#filled === 0) return;
    const full = this.#filled > chunkSize / 2;
    // a small one is copied, so that a chunk is not kept for it
    const made = this.#chunk.subarray(0, this.#filled);
    this.#pass(full ? made : Buffer.from(made));
    if (full) this.#chunk = Buffer.allocUnsafe(chunkSize);
    this.#filled = 0;
  }

  /** What still waits is looked at again: at once where only the turn was over, else when its time has come. */
  #passInOrder(order: TimeOrder): void {
    if (this.destroyed) return;
    const ready = order.take(nowNanoseconds());
    if (ready.length > 0) this.#pass(Buffer.concat(ready));
    if (order.isEmpty || this.#timer) return;
    const again = (): void => {
      this.#timer = undefined;
      this.#passInOrder(order);
    };
    this.#timer = setTimeout(again, ready.length === mostAtOnce ? 0 : orderPatience);
  }

  #pass(block: Buffer): void {
    if (!this.push(block)) this.#isPaused = true;
  }

  /** As soon as packets were dropped, but not more often than once a second. */
  #tellLoss(open: Open): void {
    const now = nowNanoseconds();
    const [on] = [...open.interfaces.values()].filter((each) => each !== undefined);
    if (on === undefined || now - open.told < second) return;
    open.told = now;
    const { packets, dropped } = open.packets.counts();
    if (dropped === open.dropped) return;
    open.dropped = dropped;
    this.#pass(statisticsBlock({ on, time: now, received: packets, dropped }));
  }

  /** Names of addresses that have not been told yet. */
  #tellNames(): void {
    const { model } = this.#core;
    const names = new Map<Uint8Array, readonly string[]>();
    const add = (address: string, name: string): void => {
      if (this.#named.has(address)) return;
      this.#named.add(address);
      names.set(addressBytes(address), [name]);
    };
    for (const { name, addresses } of model.all('endpoints'))
      for (const each of addresses) add(bare(each), name);
    for (const { name, ipam } of model.all('networks'))
      for (const { gateway } of ipam.pools) if (gateway) add(gateway, `${name}-gateway`);
    if (names.size > 0) this.push(namesBlock(names));
  }

  #watchDrops(): void {
    const on = this.#addInterface({
      ...{ name: 'drops', description: 'packets that the kernel of this host has dropped', filter: '' },
      linkType: linkTypes.exported,
    });
    const { kernel, config } = this.#core;
    const stop = kernel.packets.watchDrops(config.execRoot, ({ time, reason, at, protocol }) => {
      if (this.#isPaused || !this.#order) return;
      const what = `reason=${reason} at=${at} protocol=0x${protocol.toString(16).padStart(4, '0')}`;
      this.#order.add('drops', time, textPacketBlock(on, time, what));
      this.#passInOrder(this.#order);
    });
    this.#ends.push(stop);
  }

  #close(): void {
    clearTimeout(this.#timer);
    for (const end of this.#ends.splice(0)) end();
    for (const { packets } of this.#open) packets.close();
  }
}
