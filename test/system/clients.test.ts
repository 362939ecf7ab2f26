/** dockerode, unchanged, against the engine: the library that most Node programs speak to Docker with. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { PassThrough, type Readable } from 'node:stream';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { followed as followedBy, splitBy, textOf } from './client-streams.ts';
import { succeed } from './commands.ts';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine();
const docker = new Docker({ socketPath: engine.socket });
const split = splitBy(docker);
const followed = followedBy(docker);

describe('containers', () => {
  test('run gives output and exit status', async () => {
    const output = new PassThrough();
    const [{ StatusCode }, container] = (await docker.run(
      'busybox',
      ['sh', '-c', 'echo hello; exit 5'],
      output,
    )) as [{ StatusCode: number }, Docker.Container];
    expect(StatusCode).toBe(5);
    expect(String(output.read())).toBe('hello\r\n');
    await container.remove();
  });

  test('create, start, inspect, list, rename, top, stop, wait and remove', async () => {
    const container = await docker.createContainer({
      name: 'one',
      Image: 'busybox',
      Cmd: ['sleep', '1000'],
      Labels: { of: 'clients' },
      HostConfig: { Memory: 64 << 20, RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
    });
    await container.start();
    const { State, HostConfig, Config } = await container.inspect();
    expect(State).toMatchObject({ Running: true, Status: 'running', ExitCode: 0 });
    expect(HostConfig).toMatchObject({
      Memory: 64 << 20,
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 },
    });
    expect(Config.Labels).toEqual({ of: 'clients' });
    const listed = await docker.listContainers({ filters: { label: ['of=clients'] } });
    expect(listed.map(({ Names, State }) => ({ Names, State }))).toEqual([
      { Names: ['/one'], State: 'running' },
    ]);
    await container.rename({ name: 'two' });
    const { Titles, Processes } = await container.top();
    expect(Processes.map((row: string[]) => row[Titles.indexOf('CMD')])).toEqual(['sleep 1000']);
    await container.stop({ t: 0 });
    expect(await container.wait()).toEqual({ StatusCode: 137 });
    await container.remove();
    await expect(container.inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  test('pause, unpause, kill and update', async () => {
    const container = await docker.createContainer({ Image: 'busybox', Cmd: ['sleep', '1000'] });
    await container.start();
    await container.pause();
    expect((await container.inspect()).State.Status).toBe('paused');
    await container.unpause();
    await container.update({ Memory: 32 << 20, MemorySwap: 64 << 20 });
    expect((await container.inspect()).HostConfig.Memory).toBe(32 << 20);
    await container.kill({ signal: 'SIGKILL' });
    expect((await container.inspect()).State).toMatchObject({ Running: false, ExitCode: 137 });
    await container.remove();
  });

  test('an archive goes in, and comes out', async () => {
    const container = await docker.createContainer({ Image: 'busybox', Cmd: ['true'] });
    await succeed(['sh', '-c', `echo content >${engine.folder}/file`]);
    const tar = `${engine.folder}/in.tar`;
    await succeed(['tar', '-C', engine.folder, '-cf', tar, 'file']);
    await container.putArchive(readFileSync(tar), { path: '/tmp' });
    const out = await container.getArchive({ path: '/tmp/file' });
    expect(await textOf(out)).toContain('content\n');
    const changes = (await container.changes()) as { Path: string; Kind: number }[];
    expect(changes).toContainEqual({ Path: '/tmp/file', Kind: 1 });
    await container.remove();
  });
});

describe('streams', () => {
  let container: Docker.Container;
  beforeAll(async () => {
    container = await docker.createContainer({ Image: 'busybox', Cmd: ['sleep', '1000'] });
    await container.start();
  });
  afterAll(() => container.remove({ force: true }));

  test('attach before start: standard input, output and errors', async () => {
    const reader = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['sh', '-c', 'cat; echo done >&2'],
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
    });
    const stream = await reader.attach({
      stream: true,
      hijack: true,
      stdin: true,
      stdout: true,
      stderr: true,
    });
    await reader.start();
    const said = split(stream);
    stream.end('by hand\n');
    expect(await said).toEqual({ out: 'by hand\n', err: 'done\n' });
    expect(await reader.wait()).toEqual({ StatusCode: 0 });
    await reader.remove();
  });

  test('exec with output and exit status', async () => {
    const Cmd = ['sh', '-c', 'echo $WORD; echo err >&2; exit 6'];
    const exec = await container.exec({ Cmd, Env: ['WORD=out'], AttachStdout: true, AttachStderr: true });
    expect(await split(await exec.start({}))).toEqual({ out: 'out\n', err: 'err\n' });
    expect(await exec.inspect()).toMatchObject({ Running: false, ExitCode: 6 });
  });

  test('exec with standard input and a terminal that is resized', async () => {
    const Cmd = ['sh', '-c', 'read x; stty size; echo "got $x"'];
    const exec = await container.exec({ Cmd, AttachStdin: true, AttachStdout: true, Tty: true });
    const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
    await exec.resize({ h: 44, w: 99 });
    stream.write('this\n');
    const said = await textOf(stream);
    expect(said).toContain('44 99');
    expect(said).toContain('got this');
  });

  test('logs, from the past and as they come', async () => {
    const speaker = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['sh', '-c', 'echo one; sleep 0.5; echo two'],
    });
    await speaker.start();
    const stream = await speaker.logs({ follow: true, stdout: true, stderr: true });
    expect((await split(stream)).out).toBe('one\ntwo\n');
    const past = (await speaker.logs({ stdout: true, timestamps: true, tail: 1 })) as unknown as Buffer;
    expect(past.subarray(8).toString()).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z two\n$/);
    await speaker.remove();
  });

  test('stats once and as a stream', async () => {
    const now = await container.stats({ stream: false });
    expect(now.pids_stats?.current).toBe(1);
    expect(now.memory_stats.usage).toBeGreaterThan(0);
    expect(Object.keys(now.networks)).toEqual(['eth0']);
    const stream = (await container.stats({ stream: true })) as unknown as Readable;
    const [line] = await once(stream, 'data');
    expect(JSON.parse(String(line))).toMatchObject({ pids_stats: { current: 1 } });
    stream.destroy();
  });
});

describe('networks', () => {
  test('create, connect with an address and an alias, inspect, disconnect, remove', async () => {
    const network = await docker.createNetwork({
      Name: 'net',
      IPAM: { Config: [{ Subnet: '10.88.0.0/24', Gateway: '10.88.0.254' }] },
      Labels: { of: 'clients' },
    });
    const container = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['sleep', '1000'],
      name: 'member',
    });
    await container.start();
    await network.connect({
      Container: 'member',
      EndpointConfig: { IPAMConfig: { IPv4Address: '10.88.0.7' }, Aliases: ['alias'] },
    });
    const inspected = await network.inspect();
    expect(inspected).toMatchObject({
      Name: 'net',
      Driver: 'bridge',
      Scope: 'local',
      Labels: { of: 'clients' },
    });
    expect(Object.values(inspected.Containers ?? {})).toMatchObject([
      { Name: 'member', IPv4Address: '10.88.0.7/24' },
    ]);
    const { Networks } = (await container.inspect()).NetworkSettings;
    expect(Networks.net).toMatchObject({ IPAddress: '10.88.0.7', Gateway: '10.88.0.254', IPPrefixLen: 24 });
    expect(Networks.net?.Aliases).toContain('alias');
    await expect(network.remove()).rejects.toMatchObject({ statusCode: 403 });
    await network.disconnect({ Container: 'member' });
    await container.remove({ force: true });
    await network.remove();
    expect(await docker.listNetworks({ filters: { label: ['of=clients'] } })).toEqual([]);
  });
});

describe('volumes', () => {
  test('are created, used, listed, and removed when nobody uses them', async () => {
    await docker.createVolume({ Name: 'data', Labels: { of: 'clients' } });
    const write = (name: string, command: string): Promise<unknown> =>
      docker.run('busybox', ['sh', '-c', command], new PassThrough(), {
        name,
        HostConfig: { Binds: ['data:/data'] },
      });
    await write('writer', 'echo kept >/data/file');
    await write('reader', 'grep kept /data/file');
    expect((await docker.getContainer('reader').inspect()).State.ExitCode).toBe(0);
    const { Volumes } = await docker.listVolumes({ filters: { label: ['of=clients'] } });
    expect(Volumes.map(({ Name }) => Name)).toEqual(['data']);
    const volume = docker.getVolume('data');
    await expect(volume.remove()).rejects.toMatchObject({ statusCode: 409 });
    for (const name of ['writer', 'reader']) await docker.getContainer(name).remove();
    await volume.remove();
    await expect(volume.inspect()).rejects.toMatchObject({ statusCode: 404 });
  });
});

describe('images', () => {
  test('are imported, tagged, run, saved, removed and loaded', async () => {
    const tar = `${engine.folder}/root.tar`;
    const root = `${engine.folder}/root`;
    await succeed([
      'sh',
      '-c',
      `mkdir -p ${root}/bin && cp /bin/busybox ${root}/bin && tar -C ${root} -cf ${tar} .`,
    ]);
    await followed(await docker.importImage(tar, { repo: 'mine', tag: 'first' }));
    const image = docker.getImage('mine:first');
    await image.tag({ repo: 'mine', tag: 'second' });
    expect((await image.inspect()).RepoTags?.toSorted()).toEqual(['mine:first', 'mine:second']);
    const output = new PassThrough();
    const command = ['/bin/busybox', 'echo', 'it runs'];
    const [, runner] = (await docker.run('mine:second', command, output)) as [unknown, Docker.Container];
    await runner.remove();
    expect(String(output.read())).toBe('it runs\r\n');
    await goneBefore();
    const saved: Buffer[] = [];
    for await (const chunk of await image.get()) saved.push(Buffer.from(chunk));
    await docker.getImage('mine:second').remove();
    await image.remove();
    await expect(image.inspect()).rejects.toMatchObject({ statusCode: 404 });
    const stream = new PassThrough();
    stream.end(Buffer.concat(saved));
    const told = await followed(await docker.loadImage(stream));
    expect(JSON.stringify(told)).toContain('Loaded image: mine:first');
    expect((await docker.listImages()).flatMap(({ RepoTags }) => RepoTags)).toContain('mine:first');
    await image.remove();
  });

  test('cannot be built here, and the error says what to do', async () => {
    const stream = new PassThrough();
    stream.end(Buffer.alloc(1024));
    await expect(docker.buildImage(stream, { t: 'none' })).rejects.toThrow(/load/);
  });
});

test('events tell of containers, networks and volumes', async () => {
  await goneBefore();
  const stream = (await docker.getEvents({ filters: { type: ['container', 'network'] } })) as Readable;
  const seen: string[] = [];
  stream.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n').filter(Boolean)) {
      const { Type, Action } = JSON.parse(line) as { Type: string; Action: string };
      seen.push(`${Type} ${Action}`);
    }
  });
  await docker.run('busybox', ['true'], new PassThrough(), { HostConfig: { AutoRemove: true } });
  await expect.poll(() => seen).toContain('container destroy');
  stream.destroy();
  expect(seen).toEqual([
    'container create',
    'container attach',
    'network connect',
    'container start',
    'container die',
    'network disconnect',
    'container destroy',
  ]);
});

test('info, version and df', async () => {
  expect(await docker.info()).toMatchObject({ Containers: 0, OSType: 'linux', Driver: 'overlay2' });
  expect(await docker.version()).toMatchObject({ ApiVersion: '1.50', Os: 'linux' });
  const { Images, Containers, Volumes } = await docker.df();
  expect([Images.length, Containers?.length ?? 0, Volumes?.length ?? 0]).toEqual([1, 0, 0]);
});

/** A container of `--rm` is removed a moment after its exit is told: wait until the last one is. */
async function goneBefore(): Promise<void> {
  await expect.poll(async () => (await docker.listContainers({ all: true })).length).toBe(0);
}
