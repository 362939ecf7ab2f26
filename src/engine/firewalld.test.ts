import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { socketOf } from '../dbus/bus.ts';
import { decode, lengthOf } from '../dbus/message.ts';
import { type Value, type Variant, variant, Writer } from '../dbus/wire.ts';
import type { Logger } from '../observe/logger.ts';
import { Retries } from '../reconcile/retries.ts';
import { Firewalld } from './firewalld.ts';

const folder = mkdtempSync(join(tmpdir(), 'seaway-bus-'));
const path = join(folder, 'bus');
const logger = { info: () => undefined, warn: () => undefined, debug: () => undefined } as unknown as Logger;
const ends: (() => void)[] = [];

beforeEach(() => vi.stubEnv('DBUS_SYSTEM_BUS_ADDRESS', `unix:path=${path}`));
afterEach(() => {
  vi.unstubAllEnvs();
  for (const end of ends.splice(0)) end();
  rmSync(path, { force: true });
});

type Answer = readonly [signature: string, value: Value];

/** A bus with a firewalld: its zones, and what was asked of it. */
class FakeBus {
  isThere = true;
  readonly zones = ['public'];
  readonly inside: string[] = [];
  readonly asked: string[] = [];
  /** What it refuses, by the name of the method. */
  readonly refuses: Record<string, string> = {};
  #socket: Socket | undefined;

  async open(): Promise<void> {
    const server = createServer((socket) => this.#serve(socket));
    ends.push(() => {
      server.close();
      this.#socket?.destroy();
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
  }

  #serve(socket: Socket): void {
    this.#socket = socket;
    let bytes = Buffer.alloc(0);
    let begun = false;
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk as Buffer]);
      if (!begun) {
        const greeting = /^\0AUTH EXTERNAL [0-9a-f]+\r\nBEGIN\r\n/.exec(bytes.toString('latin1'))?.[0];
        if (greeting === undefined) return;
        bytes = bytes.subarray(greeting.length);
        begun = true;
        socket.write('OK 1234\r\n');
      }
      for (
        let length = lengthOf(bytes);
        length !== undefined && bytes.length >= length;
        length = lengthOf(bytes)
      ) {
        this.#answer(bytes.subarray(0, length));
        bytes = bytes.subarray(length);
      }
    });
  }

  #answer(bytes: Buffer): void {
    const { member, values } = decode(bytes);
    const serial = bytes.readUInt32LE(8);
    const refusal = this.refuses[member];
    if (member !== 'Hello' && member !== 'AddMatch')
      this.asked.push([member, ...values.filter(isText)].join(' '));
    const fields: [number, Variant][] = [[5, variant('u', serial)]];
    if (refusal === undefined) this.#send(2, fields, this.#does(member, values));
    else this.#send(3, [...fields, [4, variant('s', 'E')]], ['s', refusal]);
  }

  #does(member: string, values: readonly Value[]): Answer | undefined {
    const [first, second] = values.filter(isText);
    if (member === 'NameHasOwner') return ['b', this.isThere];
    if (member === 'GetConnectionUnixProcessID') return ['u', process.pid];
    if (member === 'getZones') return ['as', this.zones];
    if (member === 'getInterfaces') return ['as', this.inside];
    if (member === 'addZone2') this.zones.push(first ?? '');
    if (member === 'addInterface') this.inside.push(second ?? '');
    if (member === 'removeInterface') this.inside.splice(this.inside.indexOf(second ?? ''), 1);
    return undefined;
  }

  #send(kind: number, fields: (readonly [number, Variant])[], answer?: Answer): void {
    const body = new Writer();
    if (answer) {
      body.write(answer[0], [answer[1]]);
      fields.push([8, variant('g', answer[0])]);
    }
    const head = new Writer();
    for (const byte of [108, kind, 0, 1]) head.byte(byte);
    head.uint32(body.length);
    head.uint32(1);
    head.write('a(yv)', [fields]);
    head.align(8);
    this.#socket?.write(Buffer.concat([head.bytes(), body.bytes()]));
  }

  signal(member: string): void {
    this.#send(4, [[3, variant('s', member)]]);
  }

  end(): void {
    this.#socket?.destroy();
  }
}

const isText = (value: Value): value is string => typeof value === 'string';

async function engine(bus: FakeBus) {
  await bus.open();
  const { model, network } = world();
  const { link } = network('one');
  const retries = new Retries(logger);
  const config = { iptables: true, ip6tables: true };
  const firewalld = new Firewalld({ config, model, retries, logger });
  ends.push(() => {
    firewalld.close();
    retries.close();
  });
  await firewalld.begin();
  return { model, network, link, retries, firewalld };
}

test('the zone and the policy are made, and the bridges of all networks are put into it', async () => {
  const bus = new FakeBus();
  const { link, retries } = await engine(bus);
  expect(bus.asked).toEqual([
    ...[
      'NameHasOwner org.fedoraproject.FirewallD1',
      'GetConnectionUnixProcessID org.fedoraproject.FirewallD1',
    ],
    ...['getZones', 'addZone2 docker', 'addPolicy docker-forwarding', 'reload', 'getInterfaces docker'],
    ...['addInterface docker docker0', `addInterface docker ${link}`],
  ]);
  expect(retries.list()).toEqual([]);
});

test('what is there already is not made again', async () => {
  const bus = new FakeBus();
  bus.zones.push('docker');
  bus.refuses.addPolicy = 'NAME_CONFLICT: new_policy_object()';
  bus.inside.push('docker0');
  const { link } = await engine(bus);
  expect(bus.asked.slice(4)).toEqual(['getInterfaces docker', `addInterface docker ${link}`]);
});

test('bridges come and go with their networks', async () => {
  const bus = new FakeBus();
  const { model, network, link, firewalld } = await engine(bus);
  const two = network('two');
  await firewalld.follow([two.id]);
  expect(bus.inside).toEqual(['docker0', link, two.link]);
  model.apply([{ table: 'networks', remove: two.id }]);
  await firewalld.follow([two.id]);
  await firewalld.follow([two.id]);
  expect(bus.inside).toEqual(['docker0', link]);
});

test('where it starts later, or has lost them in a reload, they are put into it', async () => {
  const bus = new FakeBus();
  bus.isThere = false;
  const { link } = await engine(bus);
  expect(bus.inside).toEqual([]);
  bus.isThere = true;
  for (const member of ['NameOwnerChanged', 'Reloaded']) {
    bus.inside.length = 0;
    bus.signal(member);
    await vi.waitFor(() => expect(bus.inside).toEqual(['docker0', link]), 5_000);
  }
});

test('a bridge that the host’s owner has put into another zone stays there', async () => {
  const bus = new FakeBus();
  bus.refuses.addInterface = "ZONE_CONFLICT: 'docker0' already bound to 'trusted'";
  const { retries } = await engine(bus);
  expect(retries.list()).toEqual([]);
});

test('a refusal, and a bus that ends, are degraded and tried again', async () => {
  const bus = new FakeBus();
  bus.refuses.getInterfaces = 'INVALID_ZONE: docker';
  const { link, retries } = await engine(bus);
  expect(retries.list()[0]?.error).toMatch(/^D-Bus: .*zone.getInterfaces: INVALID_ZONE: docker$/);
  delete bus.refuses.getInterfaces;
  retries.hurry();
  await vi.waitFor(() => expect(retries.list()).toEqual([]), 5_000);
  expect(bus.inside).toEqual(['docker0', link]);
  bus.end();
  await vi.waitFor(() => expect(retries.list()).toHaveLength(1), 5_000);
  retries.hurry();
  await vi.waitFor(() => expect(retries.list()).toEqual([]), 5_000);
});

test('the socket of a bus address', () => {
  expect(socketOf('unix:path=/run/dbus/a%20b')).toBe('/run/dbus/a b');
  expect(socketOf('tcp:host=a;unix:guid=1,path=/x')).toBe('/x');
  expect(socketOf('unix:abstract=/x')).toBeUndefined();
  expect(socketOf('unix:path=/run/50%')).toBeUndefined();
  expect(socketOf('unix:path=/run/%ff')).toBeUndefined();
});
