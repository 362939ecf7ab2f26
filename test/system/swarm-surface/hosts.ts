/** Three hosts of one engine on a switch, and steps of which each is asked of one of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll } from 'vitest';
import type { EngineHost } from '../engine-host.ts';
import type { Answer } from '../request.ts';
import { Switch } from '../switch.ts';
import { type Step, step, take } from './step.ts';

export const places = [1, 2, 3] as const;
export type Place = (typeof places)[number];

export interface HostStep extends Step {
  readonly at: Place;
  /** Done to that host before the call. */
  readonly first?: 'cut' | 'heal' | 'restart' | 'pause';
}

export const on =
  (at: Place) =>
  (call: string, json?: unknown, more: Omit<HostStep, 'call' | 'json' | 'at'> = {}): HostStep => ({
    ...step(call, json, more),
    ...more,
    at,
  });

export const addressOf = (at: Place): string => `192.0.2.1${at}`;

const emptyAnswer: Answer = { status: 0, headers: {}, text: '', json: undefined, message: '' };

export class Trio {
  readonly hosts: readonly EngineHost[];
  /** What later steps name: ids of nodes, tokens. */
  readonly #known = new Map<string, string>();
  readonly #seen = new Map<Place, number>();
  readonly #switch: Switch;

  constructor(hosts: readonly EngineHost[]) {
    this.hosts = hosts;
    this.#switch = new Switch(this.host(1));
    beforeAll(async () => {
      this.#connect();
      for (const host of hosts) await host.start();
    }, 180_000);
  }

  host(at: Place): EngineHost {
    const host = this.hosts[at - 1];
    if (!host) throw new Error(`there is no host ${at}`);
    return host;
  }

  async take(wanted: HostStep): Promise<Answer> {
    await this.#prepare(wanted);
    if (wanted.call === '') return emptyAnswer;
    if (wanted.call === 'EVENTS') return this.#events(wanted.at);
    const answer = await take(this.host(wanted.at), this.#filled(wanted));
    await this.#learn(wanted.at);
    return answer;
  }

  /** Each of the hosts leaves, so that nothing of it is left. */
  async end(): Promise<void> {
    for (const host of this.hosts.toReversed()) await host.tryDocker(['swarm', 'leave', '--force']);
    for (const host of this.hosts) await host.tryDocker(['network', 'rm', 'docker_gwbridge']);
  }

  #filled(wanted: HostStep): Step {
    const fill = (text: string): string =>
      text.replaceAll(/<(\w+)>/g, (_all, name: string) => this.#known.get(name) ?? name);
    const { json } = wanted;
    return {
      ...wanted,
      call: fill(wanted.call),
      ...(json !== undefined && { json: JSON.parse(fill(JSON.stringify(json))) }),
    };
  }

  async #prepare({ at, first }: HostStep): Promise<void> {
    if (first === 'cut' || first === 'heal') this.#switch.set(`p${at}`, first === 'cut' ? 'down' : 'up');
    if (first === 'restart') await this.host(at).restart();
    if (first === 'pause') await sleep(5000);
  }

  async #learn(at: Place): Promise<void> {
    const info = await this.host(at).api('GET', '/v1.50/info');
    const { Swarm } = info.json as { readonly Swarm: { readonly NodeID: string } };
    if (Swarm.NodeID !== '') this.#known.set(`node${at}`, Swarm.NodeID);
    if (this.#known.has('worker') || at !== 1) return;
    const { json } = await this.host(1).api('GET', '/v1.50/swarm');
    const { JoinTokens } = json as { readonly JoinTokens?: { Worker: string; Manager: string } };
    if (!JoinTokens) return;
    this.#known.set('worker', JoinTokens.Worker);
    this.#known.set('manager', JoinTokens.Manager);
  }

  /** What has happened since the last look, each kind once. */
  async #events(at: Place): Promise<Answer> {
    await sleep(1000);
    const [since, until] = [this.#seen.get(at) ?? 0, Date.now() / 1000];
    this.#seen.set(at, until);
    const types = ['node', 'service', 'network', 'secret', 'config'];
    const filters = encodeURIComponent(JSON.stringify({ type: types }));
    const path = `/v1.50/events?since=${since}&until=${until}&filters=${filters}`;
    const answer = await this.host(at).api('GET', path);
    const json = answer.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as EventLine)
      .filter((line) => !isChance(line))
      .map(({ Type, Action, scope, Actor }) => ({ [`${Type} ${Action} ${scope}`]: { ...Actor.Attributes } }));
    return { ...answer, json };
  }

  #connect(): void {
    this.#switch.build();
    for (const at of places)
      this.#switch.plug(this.host(at).rig.host, { cable: `p${at}`, address: addressOf(at) });
  }
}

interface EventLine {
  readonly Type: string;
  readonly Action: string;
  readonly scope: string;
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> };
}

/** Updates that say nothing, and elections. */
const isChance = ({ Action, Actor }: EventLine): boolean =>
  Action === 'update' &&
  Object.keys(Actor.Attributes).every((key) => key === 'name' || key.startsWith('leader'));
