/** What a user does while something fails once, and how all of it is removed afterwards. */
import type { FaultyEngine } from './faulty-engine.ts';

export interface Said {
  readonly asked: string;
  /** 0: there was no answer. */
  readonly status: number;
  readonly message: string;
}

type Step = readonly [method: string, path: string, json?: unknown];

const sleeper = { Image: 'busybox', Cmd: ['sleep', '1000'] };
const PortBindings = { '80/tcp': [{ HostPort: '18080' }], '53/udp': [{ HostPort: '18053' }] };

const before: readonly Step[] = [
  ['POST', '/volumes/create', { Name: 'fault-v' }],
  ['POST', '/networks/create', { Name: 'fault-n', EnableIPv6: true }],
  ['POST', '/networks/create', { Name: 'fault-m' }],
  [
    'POST',
    '/containers/create?name=fault-c',
    { ...sleeper, HostConfig: { NetworkMode: 'fault-n', PortBindings, Binds: ['fault-v:/data'] } },
  ],
  ['POST', '/containers/fault-c/start'],
  ['POST', '/networks/fault-m/connect', { Container: 'fault-c' }],
];
const after: readonly Step[] = [
  ['GET', '/containers/fault-c/json'],
  ['GET', '/containers/fault-c/logs?stdout=1'],
  ['POST', '/containers/fault-c/rename?name=fault-d'],
  ['POST', '/images/busybox/tag?repo=fault&tag=1'],
  ['POST', '/networks/fault-m/disconnect', { Container: 'fault-d' }],
  ['POST', '/containers/fault-d/stop?t=0'],
  ['POST', '/containers/fault-d/start'],
  ['POST', '/containers/fault-d/kill'],
  ['POST', '/containers/fault-d/wait'],
  ['DELETE', '/containers/fault-d?v=1'],
  ['DELETE', '/networks/fault-m'],
  ['DELETE', '/networks/fault-n'],
  ['DELETE', '/images/fault:1'],
  ['DELETE', '/volumes/fault-v'],
];

async function ask(engine: FaultyEngine, [method, path, json]: Step): Promise<Said & { json: unknown }> {
  const asked = `${method} ${path}`;
  try {
    const answer = await engine.api(method, path, { json });
    return { asked, status: answer.status, message: answer.message, json: answer.json };
  } catch (error) {
    return { asked, status: 0, message: String(error), json: undefined };
  }
}

/** What does not depend on what failed goes on. */
export async function play(engine: FaultyEngine): Promise<readonly Said[]> {
  const said: Said[] = [];
  for (const step of before) said.push(await ask(engine, step));
  const exec = { Cmd: ['true'], AttachStdout: true };
  const made = await ask(engine, ['POST', '/containers/fault-c/exec', exec]);
  said.push(made);
  if (made.status === 201) {
    const { Id } = made.json as { readonly Id: string };
    said.push(await ask(engine, ['POST', `/exec/${Id}/start`, { Detach: true }]));
  }
  for (const step of after) said.push(await ask(engine, step));
  return said;
}

const removals: readonly Step[] = [
  ['DELETE', '/containers/fault-c?force=1&v=1'],
  ['DELETE', '/containers/fault-d?force=1&v=1'],
  ['DELETE', '/networks/fault-n'],
  ['DELETE', '/networks/fault-m'],
  ['DELETE', '/volumes/fault-v'],
  ['DELETE', '/images/fault:1'],
];

/** Removes what there is; what refused to go. */
export async function tidy(engine: FaultyEngine): Promise<readonly Said[]> {
  const refused: Said[] = [];
  for (const step of removals) {
    const said = await ask(engine, step);
    if (said.status >= 300 && said.status !== 404) refused.push(said);
    if (said.status === 0) refused.push(said);
  }
  return refused;
}

/** The names can be taken again; what was refused. */
export async function reuse(engine: FaultyEngine): Promise<readonly Said[]> {
  const said: Said[] = [];
  for (const step of before.slice(0, 4)) said.push(await ask(engine, step));
  return [...said.filter(({ status }) => status < 200 || status >= 300), ...(await tidy(engine))];
}
