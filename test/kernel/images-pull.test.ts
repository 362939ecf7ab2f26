import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sh, type TestStore, testStore, whole } from './images-store.ts';

// A registry on loopback (Debian: docker-registry). The password's hash is that of Go's bcrypt tests.
const hash = '$2a$10$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga';
const auth = { username: 'somebody', password: 'allmine' };

let store: TestStore;
let client: TestStore;
let registry: ChildProcess | undefined;
let host = '';

const installed = (program: string): boolean => sh('command -v "$1" || true', program) !== '';

beforeEach(() => {
  store = testStore();
  client = testStore();
});
afterEach(() => {
  registry?.kill('SIGKILL');
  registry = undefined;
  store.end();
  client.end();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function startRegistry(withAuth = false): Promise<void> {
  const port = await freePort();
  const password = join(store.work, 'passwords');
  writeFileSync(password, `somebody:${hash}\n`);
  const config = [
    'version: 0.1',
    `storage: {filesystem: {rootdirectory: ${store.work}/registry}}`,
    `http: {addr: "127.0.0.1:${port}"}`,
    'log: {accesslog: {disabled: true}}',
    ...(withAuth ? [`auth: {htpasswd: {realm: test, path: ${password}}}`] : []),
  ];
  writeFileSync(join(store.work, 'registry.yml'), config.join('\n'));
  registry = spawn('docker-registry', ['serve', join(store.work, 'registry.yml')], { stdio: 'ignore' });
  host = `127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    if (answer) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the registry did not start');
}

/** Put busybox with one layer more into the registry, as `name`. */
async function push(name: string, ...flags: string[]): Promise<void> {
  await store.images.ensureBusybox();
  const image = store.images.get('busybox');
  const root = await store.images.mountRoot('c1', image);
  sh('echo "$2" >"$1/pushed"', root, name);
  const commit = { reference: 'pushed:1', author: '', comment: '', changes: [], config: image.config };
  await store.images.commitRoot('c1', image, commit);
  writeFileSync(join(store.work, 'pushed.tar'), await whole(await store.images.save(['pushed:1'])));
  sh(
    'cd "$1"; to=$2; shift 2; skopeo --insecure-policy copy -q --dest-tls-verify=false "$@" docker-archive:pushed.tar:pushed:1 "docker://$to"',
    store.work,
    `${host}/${name}`,
    ...flags,
  );
  await store.images.removeRoot('c1');
}

async function pull(reference: string, more: object = {}): Promise<string[]> {
  const lines: string[] = [];
  await client.images.pull(reference, { platform: '', ...more }, (line) =>
    lines.push(`${line.id ? `${line.id}: ` : ''}${line.status}`),
  );
  return lines;
}

const missing = ['skopeo', 'docker-registry'].find((program) => !installed(program));
const title = missing ? `pull (skipped: ${missing} is not installed)` : 'pull';

describe.skipIf(missing !== undefined)(title, () => {
  it('fetches an image with the lines that the docker CLI shows', async () => {
    await startRegistry();
    await push('some/image:v1');
    const lines = await pull(`${host}/some/image:v1`);
    const image = client.images.get(`${host}/some/image:v1`);
    expect(lines[0]).toBe('v1: Pulling from some/image');
    expect(lines.filter((line) => /^[0-9a-f]{12}: Pulling fs layer$/.test(line))).toHaveLength(2);
    expect(lines.filter((line) => /^[0-9a-f]{12}: Pull complete$/.test(line))).toHaveLength(2);
    expect(lines.at(-2)).toMatch(/^Digest: sha256:[0-9a-f]{64}$/);
    expect(lines.at(-1)).toBe(`Status: Downloaded newer image for ${host}/some/image:v1`);
    expect(image.digests).toEqual([`${host}/some/image@${lines.at(-2)?.slice(8)}`]);
    expect(image.id).toBe(store.images.get('pushed:1').id);
    const root = await client.images.mountRoot('c1', image);
    expect(sh('cat "$1/pushed"', root)).toBe('some/image:v1\n');

    expect((await pull(`${host}/some/image:v1`)).at(-1)).toBe(
      `Status: Image is up to date for ${host}/some/image:v1`,
    );
    await client.images.remove(`${host}/some/image:v1`, { force: true, usedBy: () => undefined });
    await pull(image.digests[0] ?? '');
    expect(client.images.get(image.digests[0] ?? '')).toMatchObject({ id: image.id, tags: [] });
  });

  it('a tag that moved takes its name along', async () => {
    await startRegistry();
    await push('app:1');
    await pull(`${host}/app:1`);
    const before = client.images.get(`${host}/app:1`);
    await push('app:1', '--format=oci');
    await pull(`${host}/app:1`);
    expect(client.images.get(before.id).tags).toEqual([]);
    expect(client.images.get(`${host}/app:1`).id).not.toBe(before.id);
  });

  it('with credentials, which are nowhere on a command line', async () => {
    await startRegistry(true);
    await push('app:1', `--dest-creds=${auth.username}:${auth.password}`);
    await expect(pull(`${host}/app:1`)).rejects.toThrow(/unauthorized/);
    await expect(pull(`${host}/app:1`, { auth: { ...auth, password: 'wrong' } })).rejects.toThrow(
      /unauthorized/,
    );
    expect((await pull(`${host}/app:1`, { auth })).at(-1)).toMatch(/Downloaded newer image/);
  });

  it('what is not there is refused in the words of Docker, and nothing is left', async () => {
    await startRegistry();
    await push('app:1');
    await expect(pull(`${host}/app:2`)).rejects.toThrow(
      `manifest for ${host}/app:2 not found: manifest unknown`,
    );
    await expect(pull(`${host}/none`)).rejects.toThrow('not found');
    await expect(pull(`${host}/app:1`, { platform: 'a b' })).rejects.toThrow(
      '"a b" is an invalid OS component',
    );
    await expect(pull(`${host}/App`)).rejects.toThrow('must be lowercase');
    registry?.kill('SIGKILL');
    await expect(pull(`${host}/app:1`)).rejects.toThrow('connection refused');
    expect(sh('find "$1/images" -mindepth 1 || true', client.root)).toBe('');
  });

  it('a blob that was changed in the registry is refused', async () => {
    await startRegistry();
    await push('app:1');
    sh(
      `cd "$1/registry"; f=$(find . -name data -size +500k | head -1); test -n "$f"
       printf X | dd of="$f" bs=1 seek=5000 conv=notrunc status=none`,
      store.work,
    );
    await expect(pull(`${host}/app:1`)).rejects.toThrow(/digest|damaged|verif/i);
    expect(sh('find "$1/images" -mindepth 2 || true', client.root)).toBe('');
  });
});
