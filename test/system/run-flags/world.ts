/** What the rows find when they are run, alike with both engines; and one row run by one engine. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Said, succeed } from '../commands.ts';
import type { EngineHost } from '../engine-host.ts';
import { comparable, type Difference, differencesOf, lineDifferences } from './compare.ts';
import { sectionsOf } from './probe.ts';
import { commandOf, type Row } from './row.ts';

/** Some block device of the machine; where there is none both engines say so of its path. */
const blockDevice = `/dev/${readdirSync('/sys/block').find((name) => existsSync(`/dev/${name}`)) ?? 'sda'}`;

/** Milliseconds that a row may take. */
const patience = 120_000;

export const folderOf = (engine: EngineHost): string => join(engine.folder, 'flags');

const files: Readonly<Record<string, string>> = {
  env: '# comment\nFROM_FILE=1\nPLAIN\n  SPACED=a b \n\nQUOTED="x"\n',
  'wrong-env': 'a b=1\n',
  labels: 'l1=a\nl2\n#c\n',
  'files/one': 'one\n',
  'seccomp.json': JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
  }),
};

/** A mount that is shared, in the mounts of the engine's own process. */
async function shareMount(engine: EngineHost): Promise<void> {
  const folder = join(folderOf(engine), 'shared');
  const within = ['nsenter', `--mount=/proc/${engine.pid}/ns/mnt`];
  await succeed([...within, 'mount', '-t', 'tmpfs', 'shared', folder]);
  await succeed([...within, 'mount', '--make-shared', folder]);
}

/** To be called before the engine ends. */
export async function unshareMount(engine: EngineHost): Promise<void> {
  const within = ['nsenter', `--mount=/proc/${engine.pid}/ns/mnt`];
  await succeed([...within, 'umount', join(folderOf(engine), 'shared')]);
}

const imageSays = [
  ...['ENV IMAGE=1', 'USER web', 'WORKDIR /work', 'VOLUME /declared', 'LABEL of=image', 'EXPOSE 90/udp'],
  ...['ENTRYPOINT ["/bin/sh", "-c"]', 'CMD ["id; pwd; env; ls -ld /filled /declared /work; ls -l /filled"]'],
  ...['HEALTHCHECK --interval=7s --retries=2 CMD true'],
];

const fillImage = `
  echo web:x:7:8::/home/web:/bin/sh >>/etc/passwd
  printf 'web:x:8:\\nmail:x:9:\\nextra:x:10:root,web\\n' >>/etc/group
  mkdir -p /filled/below && echo one >/filled/one && ln -s one /filled/link && chown -R 7:9 /filled && chmod 750 /filled
`;

async function makeImage(engine: EngineHost): Promise<void> {
  await engine.docker('run', '--name', 'rows-base', 'busybox', 'sh', '-c', fillImage);
  const changes = imageSays.flatMap((change) => ['--change', change]);
  await engine.docker('commit', ...changes, 'rows-base', 'rows-image');
  await engine.docker('rm', 'rows-base');
}

export async function makeWorld(engine: EngineHost): Promise<void> {
  const folder = folderOf(engine);
  for (const name of ['files', 'shared']) mkdirSync(join(folder, name), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  await shareMount(engine);
  await makeImage(engine);
  await engine.docker('network', 'create', '--subnet', '10.87.0.0/24', 'rows-net');
  const donor = ['--ipc', 'shareable', '-v', 'donated:/donated', '-v', `${folder}/files:/donated-files`];
  const more = ['--tmpfs', '/t', '-e', 'DONOR=1', '--expose', '90', 'busybox', 'sleep', '100000'];
  await engine.docker('run', '-d', '--name', 'donor', ...donor, ...more);
  await engine.docker('create', '--name', 'stopped', 'busybox');
  await engine.docker('run', '-d', '--name', 'private-ipc', '--ipc', 'private', 'busybox', 'sleep', '100000');
}

/** What is seen of a row: what the client says, and what `inspect` says after the end. */
export interface Seen {
  readonly status: number;
  readonly stderr: readonly string[];
  readonly out: Readonly<Record<string, readonly string[]>>;
  /** undefined: there is no such container. */
  readonly inspect: unknown;
}

async function outputOf(engine: EngineHost, name: string, said: Said): Promise<string> {
  if (said.status !== 0 || !/^[0-9a-f]{64}\n$/.test(said.stdout)) return said.stdout;
  await engine.docker('wait', name);
  return engine.docker('logs', name);
}

/** Run it, look, and remove what it made. */
export async function observe(engine: EngineHost, row: Row, name: string): Promise<Seen> {
  const flags = row.flags.map((flag) =>
    flag.replaceAll('FOLDER', folderOf(engine)).replaceAll('BLOCK', blockDevice),
  );
  const naming = flags.includes('--name') ? [] : ['--name', name];
  const args = ['run', ...naming, ...flags, row.image ?? 'busybox', ...commandOf(row)];
  const input = row.input === undefined ? {} : { input: row.input };
  const said = await engine
    .tryDocker(args, { ...input, timeout: patience })
    .catch((error: Error) => ({ status: -1, stdout: '', stderr: error.message.slice(-300) }));
  const output = await outputOf(engine, name, said);
  const { status, text } = await engine.api('GET', `/v1.41/containers/${name}/json`);
  await engine.api('DELETE', `/containers/${name}?force=1&v=1`);
  const own = [
    [folderOf(engine), 'FOLDER'],
    [join(engine.folder, 'data'), 'DATA'],
    [join(engine.folder, 'run'), 'RUN'],
    [engine.socket, 'SOCKET'],
    [engine.signs.cgroup, 'CGROUP'],
  ] as const;
  const lines = (some: string): readonly string[] => some.split('\n').filter((line) => line !== '');
  const sections = Object.entries(sectionsOf(output));
  return {
    status: said.status,
    stderr: lines(comparable(said.stderr, own)),
    out: Object.fromEntries(sections.map(([key, all]) => [key, all.map((line) => comparable(line, own))])),
    inspect: status === 200 ? JSON.parse(comparable(text, own)) : undefined,
  };
}

/** Where one of two fails, how it fails; else everything. */
export function compare(docker: Seen, seaway: Seen): readonly Difference[] {
  const stderr = lineDifferences(docker.stderr, seaway.stderr, 'stderr');
  if (docker.status !== seaway.status)
    return [{ place: 'status', docker: String(docker.status), seaway: String(seaway.status) }, ...stderr];
  const sections = [...new Set([...Object.keys(docker.out), ...Object.keys(seaway.out)])];
  const out = sections.flatMap((name) =>
    lineDifferences(docker.out[name] ?? [], seaway.out[name] ?? [], `out.${name}`),
  );
  const isThere = [docker, seaway].map(({ inspect }) => inspect !== undefined);
  const inspect =
    isThere[0] === isThere[1]
      ? differencesOf(docker.inspect, seaway.inspect, 'inspect')
      : [{ place: 'container', docker: String(isThere[0]), seaway: String(isThere[1]) }];
  return [...stderr, ...out, ...inspect];
}
