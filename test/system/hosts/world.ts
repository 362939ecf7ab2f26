/** Hosts of a cluster: an engine each, a cable to one switch, and a store on a host of its own. */
import { cpSync, existsSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { consulProgram, consulServer } from '../../kernel/kv/consul-server.ts';
import { etcdProgram, etcdServer } from '../../kernel/kv/etcd-server.ts';
import type { Server } from '../../kernel/kv/server.ts';
import { hasZooKeeper, zookeeperServer } from '../../kernel/kv/zookeeper-server.ts';
import { isInstalled } from '../commands.ts';
import { openTestEngine, type TestEngine } from '../engine.ts';
import { powerOff, Switch } from '../switch.ts';

export const stores = { etcd: etcdProgram, consul: consulProgram, zookeeper: hasZooKeeper } as const;
export type StoreName = keyof typeof stores;

const servers = {
  etcd: { open: etcdServer, url: (address: string) => `etcd://${address}:2379/test` },
  consul: { open: consulServer, url: (address: string) => `consul://${address}:8500/test` },
  zookeeper: { open: zookeeperServer, url: (address: string) => `zk://${address}:2181/test` },
} as const;

/** Of the store's host; that of host N is `192.0.2.1N`. */
const storeAddress = '192.0.2.9';
export const hasLoss = isInstalled('nft');

export interface Host {
  /** From 1. */
  readonly number: number;
  readonly address: string;
  readonly engine: TestEngine;
}

export class World {
  readonly hosts: readonly Host[];
  readonly store: Server;
  readonly url: string;
  readonly #switch: Switch;
  readonly #storeHost: string;

  constructor(count: number, { store, flags }: { store: StoreName; flags: readonly string[] }) {
    const server = servers[store];
    this.url = server.url(storeAddress);
    const cluster = [`--cluster-store=${this.url}`, '--cluster-advertise=far0:2376', ...flags];
    this.hosts = Array.from({ length: count }, (_, index) => ({
      ...{ number: index + 1, address: `192.0.2.1${index + 1}` },
      engine: openTestEngine({ flags: cluster, idle: true }),
    }));
    // it may wait for the store, on a busy machine
    for (const { engine } of this.hosts) engine.patience = 120_000;
    const { rig } = this.first.engine;
    this.#switch = new Switch(this.first.engine);
    this.#storeHost = rig.path('store');
    this.store = server.open({ address: storeAddress, within: this.#storeHost });
    beforeAll(() => this.#build());
    afterAll(() => rmSync(this.#saved, { recursive: true, force: true }));
  }

  get first(): Host {
    const [first] = this.hosts;
    if (!first) throw new Error('a world has a host');
    return first;
  }

  #build(): void {
    const { rig } = this.first.engine;
    this.#switch.build();
    rig.run('host', 'ip', 'netns', 'add', basename(this.#storeHost));
    rig.run(this.#storeHost, 'ip', 'link', 'set', 'lo', 'up');
    this.#switch.plug(this.#storeHost, { cable: 'store', address: storeAddress });
    for (const host of this.hosts) this.#plugHost(host);
  }

  #plugHost({ engine, number, address }: Host): void {
    this.#switch.plug(engine.rig.host, { cable: `p${number}`, address });
  }

  /** Takes the cable out, or puts it back. */
  cable({ number }: Host, state: 'up' | 'down'): void {
    this.#switch.set(`p${number}`, state);
  }

  /** Drops that share of what a host sends and gets, in percent; 0 ends it. */
  loss({ number }: Host, percent: number): void {
    const table = `bridge loss${number}`;
    const drop = `numgen random mod 100 < ${percent} drop`;
    const rules = `add table ${table}; delete table ${table};${
      percent === 0
        ? ''
        : ` table ${table} { chain f { type filter hook forward priority 0; iifname p${number} ${drop}; oifname p${number} ${drop}; }; }`
    }`;
    this.#switch.filter(rules);
  }

  /** Every process of the host ends at once, and what is not on its disk is gone. The engine is not started. */
  powerOff(host: Host): void {
    powerOff(host.engine);
    this.#switch.unplug(`p${host.number}`);
    host.engine.rig.rebuild();
    this.#plugHost(host);
  }

  get #saved(): string {
    return `${this.store.folder}-saved`;
  }

  /** A backup of the store, whose server is started again. */
  async save(): Promise<void> {
    await this.store.kill();
    rmSync(this.#saved, { recursive: true, force: true });
    cpSync(this.store.folder, this.#saved, { recursive: true });
    await this.store.start();
  }

  /** The store is as it was when it was saved. */
  async restore(): Promise<void> {
    await this.store.wipe();
    if (existsSync(this.#saved)) cpSync(this.#saved, this.store.folder, { recursive: true });
    await this.store.start();
  }
}
