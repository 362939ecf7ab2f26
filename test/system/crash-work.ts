/** What the engine is killed in the middle of: networks, containers, volumes, execs, images that come and go. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { succeed } from './commands.ts';
import type { TestEngine } from './engine.ts';

export interface Work {
  /** Eight clients go on until the engine is gone; resolves with what it refused while it was there. */
  run(): Promise<readonly string[]>;
  /** Remove what is on record of it, as a user would; resolves with what was refused. */
  tidy(): Promise<readonly string[]>;
}

type Ask = (method: string, path: string, json?: unknown) => Promise<unknown>;
/** `of`: number of the client and of its turn, for names that no other has. */
type Worker = (ask: Ask, of: string) => Promise<void>;

const sleeper = { Image: 'busybox', Cmd: ['sleep', '1000'], Labels: { work: '' } };

/** A network, a published port, a stop. */
async function networker(ask: Ask, of: string): Promise<void> {
  const [network, name] = [`work-n${of}`, `work-a${of}`];
  await ask('POST', '/networks/create', { Name: network });
  const HostConfig = { NetworkMode: network, PortBindings: { '80/tcp': [{ HostPort: '' }] } };
  await ask('POST', `/containers/create?name=${name}`, { ...sleeper, HostConfig });
  await ask('POST', `/containers/${name}/start`);
  await ask('POST', `/containers/${name}/stop?t=0`);
  await ask('DELETE', `/containers/${name}?v=1`);
  await ask('DELETE', `/networks/${network}`);
}

/** Volumes, an exec, a second network that comes and goes under the running container. */
async function mover(ask: Ask, of: string): Promise<void> {
  const [network, name, volume] = [`work-m${of}`, `work-b${of}`, `work-v${of}`];
  const HostConfig = { NetworkMode: 'steady', Binds: [`${volume}:/data`] };
  const Volumes = { '/anonymous': {} };
  await ask('POST', `/containers/create?name=${name}`, { ...sleeper, HostConfig, Volumes });
  await ask('POST', `/containers/${name}/start`);
  const exec = { Cmd: ['sleep', '0.2'], AttachStdout: true };
  const { Id } = (await ask('POST', `/containers/${name}/exec`, exec)) as { readonly Id: string };
  await ask('POST', `/exec/${Id}/start`, { Detach: true });
  await ask('POST', '/networks/create', { Name: network });
  await ask('POST', `/networks/${network}/connect`, { Container: name });
  await ask('POST', `/containers/${name}/restart?t=0`);
  await ask('POST', `/networks/${network}/disconnect`, { Container: name });
  await ask('DELETE', `/networks/${network}`);
  await ask('DELETE', `/containers/${name}?v=1&force=1`);
  await ask('DELETE', `/volumes/${volume}`);
}

/** Ports that were asked for by number, a name that changes, tags of an image. */
async function renamer(ask: Ask, of: string): Promise<void> {
  const [name, other, tag] = [`work-c${of}`, `work-d${of}`, `t${of}`];
  const HostPort = String(20_000 + Number(of.split('-')[0]));
  const PortBindings = { '80/tcp': [{ HostPort }], '53/udp': [{ HostPort }] };
  const HostConfig = { NetworkMode: 'steady', PortBindings };
  await ask('POST', `/containers/create?name=${name}`, { ...sleeper, HostConfig });
  await ask('POST', `/containers/${name}/start`);
  await ask('POST', `/containers/${name}/rename?name=${other}`);
  await ask('POST', `/images/busybox/tag?repo=work&tag=${tag}`);
  await ask('POST', `/containers/${other}/kill`);
  await ask('POST', `/containers/${other}/wait`);
  await ask('DELETE', `/images/work:${tag}`);
  await ask('DELETE', `/containers/${other}`);
}

/** The API as a worker uses it: what is refused is noted, and only the engine's end is an error. */
function asker(engine: TestEngine, refused: string[]): Ask {
  return async (method, path, json) => {
    const { status, message, json: answer } = await engine.api(method, path, { json });
    if (status >= 400) refused.push(`${method} ${path}: ${status} ${message}`);
    return answer;
  };
}

async function forEver(worker: Worker, ask: Ask, client: number): Promise<void> {
  try {
    for (let turn = 0; ; turn++) await worker(ask, `${client}-${turn}`);
  } catch {
    // the engine has gone
  }
}

/** Images are imported from an archive that is large enough to be killed in. */
async function imager(engine: TestEngine): Promise<Worker> {
  const path = join(engine.folder, 'image.tar');
  const bytes = `head -c 4000000 /dev/urandom >${engine.folder}/image-file`;
  await succeed(['sh', '-c', `${bytes} && tar -C ${engine.folder} -cf ${path} image-file`]);
  const body = readFileSync(path);
  return async (ask, of) => {
    const answer = await engine.api('POST', `/images/create?fromSrc=-&repo=work&tag=t${of}`, { body });
    if (answer.status !== 200) throw new Error(answer.message);
    await ask('DELETE', `/images/work:t${of}`);
  };
}

export async function openWork(engine: TestEngine): Promise<Work> {
  const some: readonly Worker[] = [networker, mover, renamer];
  const clients: readonly Worker[] = [...some, ...some, networker, await imager(engine)];
  return {
    async run() {
      const refused: string[] = [];
      const ask = asker(engine, refused);
      await Promise.all(clients.map((worker, client) => forEver(worker, ask, client)));
      return refused;
    },
    async tidy() {
      const refused: string[] = [];
      await tidy(asker(engine, refused));
      return refused;
    },
  };
}

async function tidy(ask: Ask): Promise<void> {
  const mine = encodeURIComponent('{"label":["work"]}');
  const containers = (await ask('GET', `/containers/json?all=1&filters=${mine}`)) as readonly {
    Id: string;
  }[];
  for (const { Id } of containers) await ask('DELETE', `/containers/${Id}?force=1&v=1`);
  const networks = (await ask('GET', '/networks')) as readonly { Name: string }[];
  for (const { Name } of networks) if (Name.startsWith('work-')) await ask('DELETE', `/networks/${Name}`);
  await ask('POST', `/volumes/prune?filters=${encodeURIComponent('{"all":["true"]}')}`);
  const images = (await ask('GET', '/images/json')) as readonly { Id: string; RepoTags: readonly string[] }[];
  for (const { Id, RepoTags } of images)
    if (RepoTags.length === 0) await ask('DELETE', `/images/${Id}`);
    else for (const tag of RepoTags) if (tag.startsWith('work:')) await ask('DELETE', `/images/${tag}`);
}
