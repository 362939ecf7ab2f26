/** An image store in a temporary folder, on the real kernel, for the tests of images and volumes. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Images } from '../../src/images/images.ts';
import { openImages } from '../../src/images/open.ts';
import type { Mounting } from '../../src/images/overlay-mount.ts';
import { listMounts, mount, mountOffLoop, unmount } from '../../src/kernel/mounts/mounts.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { made, Records } from './image-records.ts';

export const mounting: Mounting = { mount, mountOffLoop, unmount, listMounts };

export interface TestStore {
  readonly folder: string;
  readonly root: string;
  readonly model: Records;
  readonly images: Images;
  /** A folder beside the store's own, for the test's files. */
  readonly work: string;
  /** The same folder and records, as after a restart of the engine. */
  reopen(): Images;
  /** Unmounts and removes everything. */
  end(): void;
}

export function testStore({ name = 'data', below = tmpdir() } = {}): TestStore {
  const folder = realpathSync(mkdtempSync(join(below, 'seaway-images-')));
  const model = new Records();
  const work = join(folder, 'work');
  mkdirSync(work);
  const open = (): Images =>
    openImages({
      root: join(folder, name),
      kernel: mounting,
      logger: createLogger('error'),
      now: () => new Date().toISOString(),
      records: {
        view: model,
        transact: async (transition) => made(model, transition),
        keep: async (transition) => made(model, transition),
      },
    });
  return {
    folder,
    root: join(folder, name),
    model,
    work,
    images: open(),
    reopen: open,
    end() {
      for (const target of listMounts(folder)) unmount(target);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Run a shell script with `$1`... in bash; what it wrote. */
export function sh(script: string, ...args: string[]): string {
  return execFileSync('bash', ['-euo', 'pipefail', '-c', script, 'sh', ...args], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
}

/** As `sh`, its output as bytes in a stream. */
export function bytesOf(script: string, ...args: string[]): Readable {
  const bytes = execFileSync('bash', ['-euo', 'pipefail', '-c', script, 'sh', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  return Readable.from([bytes]);
}

/** All of a stream. */
export async function whole(stream: AsyncIterable<Buffer | string>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** Settings of an import that change nothing. */
export const plain = { reference: '', message: '', changes: [], platform: '' };

/** A tar of what the script makes in an empty folder. */
export const tarOf = (script: string, flags = ''): Readable =>
  bytesOf(`work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"; mkdir root; cd root
    ${script}
    tar -c --numeric-owner ${flags} .`);

/** What is in the store's folder; nothing may be left of what was refused. */
export const traces = (store: TestStore): string =>
  sh(
    'cd "$1"; find images roots -mindepth 1 2>/dev/null | grep -vxE "images/(layers|blobs|blobs/sha256|l|empty2?)" || true',
    store.root,
  );
