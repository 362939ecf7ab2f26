import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import type { Volume } from '../../src/model/volume.ts';
import type { NameChange } from '../../src/names/records.ts';
import { type NameEntry, reverseName } from '../../src/names/records.ts';
import { openToWrite } from '../../src/store/environment.ts';
import { openStore } from '../../src/store/store.ts';
import { VisibleWrites } from '../../src/store/visible-writes.ts';
import type { ReaderRequest } from './store-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'seaway-store-'));
const path = join(folder, 'state');
const store = openStore(path);
const reader = openReader();
afterAll(async () => {
  reader.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Another process that has the store open. */
function openReader() {
  const script = fileURLToPath(new URL('store-reader.ts', import.meta.url));
  const child = spawn(process.execPath, [script, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? '"it ended"');
  return {
    next,
    ask(request: ReaderRequest): Promise<unknown> {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return next();
    },
    close: () => child.stdin.end(),
  };
}

const entry = (endpointId: string, ipv4: string): NameEntry => ({
  endpointId,
  ipv4,
  ipv6: '',
  name: endpointId,
});
const named = (name: string, one: NameEntry): NameChange => ({
  sandboxes: [],
  names: [{ networkId: 'n', name, endpointId: one.endpointId, entry: one }],
});
const nothing: NameChange = { sandboxes: [], names: [] };
const volume = (name: string): Volume => ({ name }) as Volume;

it('programs that are started do not inherit its files', () => {
  // others of this process may be closed between being listed and being read
  const open = (where: string): string =>
    execFileSync('sh', ['-c', `ls -l ${where} || true`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  expect(open(`/proc/${process.pid}/fd`)).toContain(path);
  expect(open('/proc/self/fd')).not.toContain(path);
});

it('another process sees each commit at once, two hundred times over', async () => {
  for (let i = 0; i < 200; i += 1) {
    const now = entry('e', `10.0.0.${i}`);
    await store.commit([], named('web', now));
    expect(await reader.ask({ do: 'lookup', network: 'n', name: 'web' })).toEqual([now]);
  }
});

it('a commit does not wait until the disk has it', async () => {
  const root = openToWrite(join(folder, 'slow'));
  const disk = Promise.withResolvers<void>();
  const slow = Object.create(root, {
    childTransaction: {
      value: async (work: () => void) => {
        await root.childTransaction(work);
        await disk.promise;
      },
    },
  });
  const writes = new VisibleWrites(slow, async () => undefined);
  for (let i = 0; i < 20; i++) {
    await writes.write(() => void root.putSync('key', i));
    root.resetReadTxn();
    expect(root.get('key')).toBe(i);
  }
  disk.resolve();
  await writes.flushed();
  await root.close();
});

it('it sees a commit even while its event loop does not turn', async () => {
  const seen = reader.ask({ do: 'await', network: 'n', name: 'busy', ipv4: '10.1.1.1' });
  expect(await seen).toBe('waiting');
  await store.commit([], named('busy', entry('e', '10.1.1.1')));
  expect(await reader.next()).toBe('seen');
});

it('it sees what is written after the store outgrew its first size', async () => {
  const long = 'x'.repeat(200);
  const names = Array.from({ length: 10_000 }, (_, i) => ({
    networkId: 'n',
    name: `${i}.${long}`,
    endpointId: 'e',
    entry: entry('e', '10.2.2.2'),
  }));
  await store.commit([], { sandboxes: [], names });
  const last = await reader.ask({ do: 'lookup', network: 'n', name: `9999.${long}` });
  expect(last).toEqual([entry('e', '10.2.2.2')]);
});

it('endpoints of one name come and go one by one', async () => {
  await store.commit([], named('www', entry('a', '10.0.0.1')));
  await store.commit([], named('www', entry('b', '10.0.0.2')));
  const lookup = (): Promise<unknown> => reader.ask({ do: 'lookup', network: 'n', name: 'www' });
  expect(await lookup()).toEqual([entry('a', '10.0.0.1'), entry('b', '10.0.0.2')]);
  await store.commit([], { sandboxes: [], names: [{ networkId: 'n', name: 'www', endpointId: 'a' }] });
  expect(await lookup()).toEqual([entry('b', '10.0.0.2')]);
  await store.commit([], { sandboxes: [], names: [{ networkId: 'n', name: 'www', endpointId: 'b' }] });
  expect(await lookup()).toEqual([]);
});

it('endpoints of one name may come in one commit', async () => {
  const both = [entry('a', '10.0.0.1'), entry('b', '10.0.0.2')];
  const names = both.map((one) => ({ networkId: 'n', name: 'two', endpointId: one.endpointId, entry: one }));
  await store.commit([], { sandboxes: [], names });
  expect(await reader.ask({ do: 'lookup', network: 'n', name: 'two' })).toEqual(both);
});

it('sandboxes come and go', async () => {
  const put = {
    sandboxId: 's',
    path: '',
    networks: [],
    privateNames: {},
    servers: [],
    forward: true,
    fixed: {},
  };
  await store.commit([], { names: [], sandboxes: [{ id: 's', put }] });
  expect(await reader.ask({ do: 'sandboxes' })).toEqual(['s']);
  await store.commit([], { names: [], sandboxes: [{ id: 's' }] });
  expect(await reader.ask({ do: 'sandboxes' })).toEqual([]);
});

it('the age of the names changes with them, and with nothing else', async () => {
  const names = store.names();
  const before = names.refresh();
  await store.commit([{ table: 'volumes', put: volume('v') }], nothing);
  expect(names.refresh()).toBe(before);
  await store.commit([], named('age', entry('e', '10.0.0.9')));
  expect(names.refresh()).not.toBe(before);
});

it('addresses lead back, and are no names', async () => {
  await store.commit([], named(reverseName('10.9.9.9'), entry('e', '10.9.9.9')));
  const names = store.names();
  names.refresh();
  expect(names.reverse('n', '10.9.9.9')?.endpointId).toBe('e');
  expect(names.lookup('n', '10.9.9.9')).toEqual([]);
});

it('a commit of which one change fails changes nothing', async () => {
  const tooLong = named('k'.repeat(5000), entry('e', '10.0.0.1'));
  await expect(store.commit([{ table: 'volumes', put: volume('half') }], tooLong)).rejects.toThrow();
  expect([...store.load('volumes')].map(({ name }) => name)).not.toContain('half');
});
