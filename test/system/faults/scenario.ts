/** What a user does while something fails once, in scenes, and how all of it is removed afterwards. */
import type { FaultyEngine } from './faulty-engine.ts';

export interface Said {
  readonly asked: string;
  /** 0: there was no answer. */
  readonly status: number;
  readonly message: string;
}

type Asked = Said & { readonly json: unknown };

/** A request. `{exec}` in a path stands for the exec that was made last. */
export type Step = readonly [method: string, path: string, json?: unknown];

export interface Scene {
  readonly name: string;
  readonly steps: readonly Step[];
}

const sleeper = { Image: 'busybox', Cmd: ['sleep', '1000'] };
const PortBindings = { '80/tcp': [{ HostPort: '18080' }], '53/udp': [{ HostPort: '18053' }] };
const HostConfig = { NetworkMode: 'fault-n', PortBindings, Binds: ['fault-v:/data'] };

const volume: Step = ['POST', '/volumes/create', { Name: 'fault-v' }];
const tag: Step = ['POST', '/images/busybox/tag?repo=fault&tag=1'];
const networkN: Step = ['POST', '/networks/create', { Name: 'fault-n', EnableIPv6: true }];
const networkM: Step = ['POST', '/networks/create', { Name: 'fault-m' }];
const container: Step = ['POST', '/containers/create?name=fault-c', { ...sleeper, HostConfig }];
const start: Step = ['POST', '/containers/fault-c/start'];
const connect: Step = ['POST', '/networks/fault-m/connect', { Container: 'fault-c' }];
const disconnect: Step = ['POST', '/networks/fault-m/disconnect', { Container: 'fault-d' }];
/** An exec is started once: whoever wants to try again makes another. */
export const startExec: Step = ['POST', '/exec/{exec}/start', { Detach: true }];
export const exec: Step = ['POST', '/containers/fault-c/exec', { Cmd: ['true'], AttachStdout: true }];
const rename: Step = ['POST', '/containers/fault-c/rename?name=fault-d'];
const wait: Step = ['POST', '/containers/fault-d/wait'];
const removeContainer: Step = ['DELETE', '/containers/fault-d?v=1'];
const removeM: Step = ['DELETE', '/networks/fault-m'];
const removeN: Step = ['DELETE', '/networks/fault-n'];
const untag: Step = ['DELETE', '/images/fault:1'];
const removeVolume: Step = ['DELETE', '/volumes/fault-v'];

/** Milliseconds for what was killed before, which has nothing more to do. */
const patienceForEnd = 30_000;

async function ask(engine: FaultyEngine, step: Step): Promise<Asked> {
  const [method, path, json] = step;
  const asked = `${method} ${path}`;
  const patience = step === wait ? patienceForEnd : engine.patience;
  try {
    const answer = await engine.api(method, path, { json, patience });
    return { asked, status: answer.status, message: answer.message, json: answer.json };
  } catch (error) {
    return { asked, status: 0, message: String(error), json: undefined };
  }
}

/** One pass through a scene, step by step. */
export class Play {
  readonly #engine: FaultyEngine;
  #exec = 'none';

  constructor(engine: FaultyEngine) {
    this.#engine = engine;
  }

  async step(step: Step): Promise<Said> {
    const [method, path, json] = step;
    const withExec: Step = [method, path.replace('{exec}', this.#exec), json];
    const said = await ask(this.#engine, path === withExec[1] ? step : withExec);
    if (step === exec && said.status === 201) this.#exec = (said.json as { readonly Id: string }).Id;
    return said;
  }

  /** What does not depend on what failed goes on. */
  async all({ steps }: Scene): Promise<readonly Said[]> {
    const said: Said[] = [];
    for (const step of steps) said.push(await this.step(step));
    return said;
  }
}

const inspect: Step = ['GET', '/containers/fault-c/json'];
const logs: Step = ['GET', '/containers/fault-c/logs?stdout=1'];
const kill: Step = ['POST', '/containers/fault-d/kill'];

const scene = (name: string, steps: readonly Step[]): Scene => ({ name, steps });

/** All there is. */
export const everything = scene('everything', [
  ...[volume, networkN, networkM, container, start, connect, exec, startExec],
  ...[inspect, logs, rename, tag, disconnect],
  ['POST', '/containers/fault-d/stop?t=0'],
  ['POST', '/containers/fault-d/start'],
  ...[kill, wait, removeContainer, removeM, removeN, untag, removeVolume],
]);

/** From short to long: a step is played in the first that has it and all others that are wanted. */
export const scenes: readonly Scene[] = [
  scene('volume and tag', [volume, tag, untag, removeVolume]),
  scene('networks', [networkN, networkM, removeM, removeN]),
  scene('a container that is started and ended', [
    ...[volume, networkN, container, start, exec, startExec, inspect, logs, rename],
    ...[kill, wait, removeContainer, removeN, removeVolume],
  ]),
  everything,
];

const removals: readonly Step[] = [
  ['DELETE', '/containers/fault-c?force=1&v=1'],
  ['DELETE', '/containers/fault-d?force=1&v=1'],
  removeN,
  removeM,
  removeVolume,
  untag,
];

/** Removes what there is; what refused to go. */
export async function tidy(engine: FaultyEngine): Promise<readonly Said[]> {
  const refused: Said[] = [];
  for (const step of removals) {
    const said = await ask(engine, step);
    if (said.status === 0 || (said.status >= 300 && said.status !== 404)) refused.push(said);
  }
  return refused;
}

interface Failing {
  readonly Subject: string;
  readonly Error: string;
  readonly NextAttempt: string;
}

/** Names of everything on record, and what is degraded. */
export async function recordsOf(engine: FaultyEngine): Promise<readonly string[]> {
  const get = async (path: string): Promise<unknown> => (await ask(engine, ['GET', path])).json;
  const containers = (await get('/containers/json?all=1')) as readonly { Names: readonly string[] }[];
  const nets = (await get('/networks')) as readonly { Name: string }[];
  const { Volumes } = (await get('/volumes')) as { Volumes: readonly { Name: string }[] };
  const images = (await get('/images/json')) as readonly { Id: string; RepoTags: readonly string[] }[];
  const { Degraded = [] } = (await get('/info')) as { Degraded?: readonly Failing[] };
  return [
    ...containers.map(({ Names }) => `container ${Names.join(' ')}`),
    ...nets.map(({ Name }) => `network ${Name}`),
    ...Volumes.map(({ Name }) => `volume ${Name}`),
    ...images.map(({ Id, RepoTags }) => `image ${Id} ${RepoTags.join(' ')}`),
    // what is tried again by the next engine alone is told with no time
    ...Degraded.filter(({ NextAttempt }) => NextAttempt !== '').map(
      ({ Subject, Error: why }) => `degraded ${Subject}: ${why}`,
    ),
  ].toSorted();
}
