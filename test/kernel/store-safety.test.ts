import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { driverTable } from '../../src/drivers/table.ts';
import { lastRecords } from '../../src/engine/last-records.ts';
import { messageOf } from '../../src/errors.ts';
import { lockFolder } from '../../src/kernel/lock-folder.ts';
import { blankSandbox } from '../../src/model/blank.ts';
import { Model } from '../../src/model/memory.ts';
import { type Change, tableNames } from '../../src/model/tables.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { planNetworkScope, planSandboxScope } from '../../src/reconcile/plan.ts';
import { readCopy, writeCopy } from '../../src/store/copy.ts';
import { CopyKeeper } from '../../src/store/copy-keeper.ts';
import type { Snapshot } from '../../src/store/migration.ts';
import { currentVersion } from '../../src/store/migrations.ts';
import { copyOf, type Origin, prepareStore } from '../../src/store/prepare.ts';
import { readSnapshot, writeSnapshot } from '../../src/store/snapshot.ts';
import { openStore } from '../../src/store/store.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const script = `import { readEverything } from '${project}/src/store/check.ts'; readEverything(process.argv[1]);`;
const checker = [process.execPath, '--input-type=module', '-e', script];
const fixtures = join(project, 'test/kernel/fixtures');

let folder: string;
let data: string;
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'seaway-safety-'));
  folder = join(root, 'state');
  data = join(folder, 'data.mdb');
  mkdirSync(folder);
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const layFixture = (version: number): void =>
  writeFileSync(data, gunzipSync(readFileSync(join(fixtures, `store-${version}.mdb.gz`))));

const prepare = (running: readonly string[] = []): Promise<Origin> =>
  prepareStore({
    folder,
    checker,
    running: () => running,
    drivers: driverTable(),
    logger: createLogger('fatal'),
  });

async function namesOfNetworks(): Promise<string[]> {
  const store = openStore(folder);
  try {
    return Array.from(store.load('networks'), ({ name }) => name).sort();
  } finally {
    await store.close();
  }
}

const networks = ['app', 'bridge', 'host', 'mv', 'none'];

/** Everything can be planned; the networks, and whether their options were read. */
function plannedOf(snapshot: Snapshot): readonly string[] {
  const model = new Model(driverTable());
  for (const table of tableNames)
    for (const put of snapshot[table] ?? []) model.apply([{ table, put } as unknown as Change]);
  const facts = { uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true };
  for (const { id } of model.all('sandboxes')) planSandboxScope(model, id, facts);
  const networks = Array.from(model.all('networks'));
  for (const { id } of networks) planNetworkScope(model, id, facts);
  return networks.map(({ name, parsed }) => `${name}: ${parsed.invalid ?? 'read'}`).sort();
}

describe('a store of an older version', () => {
  it.each(Array.from({ length: currentVersion() }, (_, index) => index + 1))(
    'of format %i is brought to this one',
    async (version) => {
      layFixture(version);
      expect(await prepare()).toBe('kept');
      expect(await namesOfNetworks()).toEqual(networks);
      const { version: now, snapshot } = await readSnapshot(folder);
      expect(now).toBe(currentVersion());
      expect(snapshot.containers?.map(({ name }) => name).sort()).toEqual(['idle', 'web']);
      expect(snapshot.volumes?.map(({ name }) => name)).toEqual(['data']);
      expect(plannedOf(snapshot)).toEqual(networks.map((name) => `${name}: read`));
    },
  );
});

it('external namespaces are found in a store of an older version', async () => {
  const own = { ...blankSandbox, id: 's2', kind: 'own' };
  const box = { ...own, id: 's1', kind: 'foreign', path: folder };
  await writeSnapshot(folder, { version: 3, snapshot: { sandboxes: [box, own] } });
  expect((await lastRecords(folder)).external).toEqual([{ ...box, kind: 'external' }]);
});

/** Bytes that are no store's, and the same each time. */
const noise = (size: number): Buffer =>
  Buffer.from(Array.from({ length: size }, (_byte, index) => (index * 89 + 7) % 251));

function garble(from: number, size: number): void {
  const bytes = readFileSync(data);
  noise(size).copy(bytes, from);
  writeFileSync(data, bytes);
}

const damages: readonly (readonly [string, () => void])[] = [
  ['empty', () => truncateSync(data, 0)],
  ['cut to half', () => truncateSync(data, statSync(data).size / 2)],
  ['cut in its first page', () => truncateSync(data, 100)],
  [
    'without its meta pages',
    () => {
      garble(16, 300);
      garble(4112, 300);
    },
  ],
  ['without its other pages', () => garble(8192, statSync(data).size - 8192)],
  ['gone', () => rmSync(data)],
];

describe.each(damages)('a store that is %s', (_kind, damage) => {
  beforeEach(() => layFixture(1));

  it('is put back from its copy, and set aside', async () => {
    await writeCopy(copyOf(folder), await readSnapshot(folder));
    damage();
    const had = existsSync(data) && statSync(data).size > 0;
    expect(await prepare(['abc'])).toBe('copy');
    expect(await namesOfNetworks()).toEqual(networks);
    expect(readdirSync(folder).filter((name) => name.startsWith('data.mdb.damaged-'))).toHaveLength(
      had ? 1 : 0,
    );
    expect(await prepare()).toBe('kept');
  });

  it('is refused in one sentence without a good copy while containers run, and nothing is touched', async () => {
    writeFileSync(copyOf(folder), '{"version":1,"records":0}\n{"sha256":"0"}\n');
    damage();
    const before = readdirSync(folder).filter((name) => name !== 'lock.mdb');
    const why = await prepare(['0123456789abcdef']).then(String, messageOf);
    expect(why).toContain(`the store ${data} is `);
    expect(why).toContain('no good copy while its containers run (0123456789ab)');
    expect(why).not.toContain('\n');
    expect(readdirSync(folder).filter((name) => name !== 'lock.mdb')).toEqual(before);
  });

  it('starts empty only where there is nothing, and no container runs', async () => {
    damage();
    const had = existsSync(data) && statSync(data).size > 0;
    const origin = await prepare().then(String, messageOf);
    if (had) expect(origin).toContain(`is damaged`);
    else expect(origin).toBe('new');
  });
});

describe('a store that is new', () => {
  it('has this format', async () => {
    expect(await prepare()).toBe('new');
    await namesOfNetworks();
    expect(await readSnapshot(folder)).toEqual({
      version: currentVersion(),
      snapshot: Object.fromEntries(tableNames.map((name) => [name, []])),
    });
  });

  it('of a later format is refused', async () => {
    await writeFormat(currentVersion() + 1);
    await expect(prepare()).rejects.toThrow('the store was written by a newer version');
  });
});

const writeFormat = (version: number): Promise<void> => writeSnapshot(folder, { version, snapshot: {} });

describe('the copy', () => {
  it('follows what changes, and is whole', async () => {
    const path = copyOf(folder);
    let count = 0;
    const failures: unknown[] = [];
    const keeper = new CopyKeeper({
      path,
      copy: () => ({ version: 1, snapshot: { volumes: [{ name: `v${count}` }] } }),
      failed: (error) => failures.push(error),
      delay: 5,
    });
    for (count = 1; count < 50; count++) {
      keeper.touched();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await keeper.close();
    expect(await readCopy(path)).toEqual({ version: 1, snapshot: { volumes: [{ name: 'v50' }] } });
    expect([failures, readdirSync(folder)]).toEqual([[], ['copy.jsonl']]);
  });

  it.each([
    ['cut', (text: string) => text.slice(0, -20)],
    ['changed', (text: string) => text.replace('"v"', '"w"')],
    ['empty', () => ''],
  ])('that was %s is not trusted', async (_kind, damage) => {
    const path = copyOf(folder);
    await writeCopy(path, { version: 1, snapshot: { volumes: [{ name: 'v' }] } });
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    await expect(readCopy(path)).rejects.toThrow(`${path} is damaged`);
  });
});

describe('the lock on a folder', () => {
  const inAnotherProcess = (): string => {
    const locking = `import { lockFolder } from '${project}/src/kernel/lock-folder.ts';
      console.log(lockFolder(process.argv[1]) ? 'locked' : 'taken');`;
    const { stdout } = spawnSync(
      'unshare',
      ['-n', '-m', process.execPath, '--input-type=module', '-e', locking, folder],
      {
        encoding: 'utf8',
      },
    );
    return stdout.trim();
  };

  it('keeps another process away, in other namespaces too, until it is let go', () => {
    const unlock = lockFolder(folder);
    expect([typeof unlock, inAnotherProcess()]).toEqual(['function', 'taken']);
    unlock?.();
    // theirs ended with them
    expect([inAnotherProcess(), inAnotherProcess()]).toEqual(['locked', 'locked']);
  });
});
