import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Change } from '../../src/model/tables.ts';
import type { Volume } from '../../src/model/volume.ts';
import { openStore, type Store } from '../../src/store/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'seaway-store-full-'));
const disk = join(folder, 'disk');
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
process.on('unhandledRejection', note);
afterAll(() => {
  process.off('unhandledRejection', note);
  rmSync(folder, { recursive: true });
});

const nothing = { sandboxes: [], names: [] };
const put = (name: string): Change => ({
  table: 'volumes',
  put: { name, driver: 'x'.repeat(3000) } as Volume,
});
const namesIn = (store: Store): string[] => Array.from(store.load('volumes'), ({ name }) => name);

/** Write a file until there is no room. */
function fill(): void {
  const file = openSync(join(disk, 'fill'), 'w');
  try {
    for (;;) writeSync(file, Buffer.alloc(4096));
  } catch {
    closeSync(file);
  }
}

const kinds: readonly (readonly [string, () => void])[] = [
  ['tmpfs', () => execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])],
  ['ext4', mountExt4],
];

function mountExt4(): void {
  const image = join(folder, 'image');
  execFileSync('truncate', ['-s', '8M', image]);
  execFileSync('mkfs.ext4', ['-q', '-F', '-m', '0', image]);
  execFileSync('mount', ['-o', 'loop', image, disk]);
}

describe.each(kinds)('a store on a full %s', (kind, mount) => {
  let store: Store | undefined;
  beforeEach(() => mkdirSync(disk, { recursive: true }));
  afterEach(async () => {
    await store?.close();
    store = undefined;
  });

  it('refuses with the reason, one or many at once, and goes on once there is room', async (context) => {
    try {
      mount();
    } catch {
      context.skip(`${kind} cannot be mounted here`);
    }
    onTestFinished(() => void execFileSync('umount', ['-l', disk]));
    store = openStore(join(disk, 'state'));
    await store.commit([put('before')], nothing);
    fill();
    for (let turn = 0; turn < 3; turn++)
      await expect(store.commit([put('none')], nothing)).rejects.toThrow('data.mdb: no space left on device');
    const many = await Promise.allSettled(['a', 'b', 'c'].map((name) => store?.commit([put(name)], nothing)));
    expect(many.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(namesIn(store)).toEqual(['before']);
    rmSync(join(disk, 'fill'));
    await store.commit([put('after')], nothing);
    expect(namesIn(store)).toEqual(['after', 'before']);
    expect(unhandled).toEqual([]);
  });
});
