/** A full disk: requests that need room fail with that reason; the engine and its containers go on. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { soon } from './commands.ts';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine({ idle: true });
const data = join(engine.folder, 'data');

/** An ext4 of its own for the data root; false where loop devices cannot be had. */
function mountDisk(): boolean {
  const image = join(engine.folder, 'image');
  mkdirSync(data, { recursive: true });
  try {
    execFileSync('truncate', ['-s', '64M', image]);
    execFileSync('mkfs.ext4', ['-q', '-F', '-m', '0', image]);
    execFileSync('mount', ['-o', 'loop', image, data]);
    return true;
  } catch {
    return false;
  }
}

const fillPath = join(data, 'fill');
function fill(): void {
  const file = openSync(fillPath, 'w');
  const piece = Buffer.alloc(4096);
  try {
    for (;;) writeSync(file, piece);
  } catch {
    closeSync(file);
  }
}

const refused = async (...args: readonly string[]): Promise<string> => (await engine.trySeaway(args)).stderr;
const noRoom = 'no space left on device';
const stateOf = (name: string): Promise<string> =>
  engine.seaway('inspect', '-f', '{{.State.Status}}', name).then((text) => text.trim());

describe('a full disk', () => {
  let isMounted = false;
  beforeAll(async () => {
    isMounted = mountDisk();
    await engine.start();
    await engine.seaway('run', '-d', '--name', 'fast', 'busybox', 'sleep', '1000');
    await engine.seaway('network', 'create', 'side');
    await engine.seaway('network', 'connect', 'side', 'fast');
    await engine.seaway('run', '-d', '--name', 'again', '--restart', 'always', 'busybox', 'sleep', '1000');
  });
  afterAll(async () => {
    rmSync(fillPath, { force: true });
    await engine.seaway('rm', '-f', 'fast', 'again');
    await engine.stop();
    if (isMounted) execFileSync('umount', ['-l', data]);
  });

  test('refuses what needs room, and nothing else; with room all is as before', {
    timeout: 120_000,
  }, async (context) => {
    context.skip(!isMounted, 'no ext4 on a loop device can be mounted here');
    const { pid } = engine;
    fill();
    // the store has some pages that are free
    const made: string[] = [];
    for (let said = ''; !said.includes(noRoom); ) {
      const name = `n${made.length + 1}`;
      said = await refused('network', 'create', name);
      if (said === '') made.push(name);
      expect(made.length).toBeLessThan(100);
    }
    // small ones may still find a page
    for (const small of [
      ['volume', 'create', 'vol'],
      ['tag', 'busybox', 'other:1'],
    ])
      expect(await refused(...small)).toMatch(/^$|no space left on device$/m);
    expect(await refused('run', '--rm', 'busybox', 'true')).toContain(noRoom);
    expect(await engine.seaway('ps', '-aq', '--filter', 'status=created')).toBe('');
    // what is taken away needs no room
    await engine.seaway('network', 'disconnect', 'side', 'fast');
    await engine.seaway('network', 'rm', 'side', ...made);
    expect(await engine.seaway('network', 'ls', '-q', '--filter', 'type=custom')).toBe('');
    expect((await engine.seaway('exec', 'fast', 'echo', 'goes on')).trim()).toBe('goes on');
    await engine.seaway('stop', '-t', '0', 'fast');
    expect(await stateOf('fast')).toBe('exited');
    process.kill(Number(await engine.seaway('inspect', '-f', '{{.State.Pid}}', 'again')), 'SIGKILL');
    expect(await soon(async () => (await stateOf('again')) !== 'running')).toBe(true);
    expect(engine.pid).toBe(pid);

    await engine.stop();
    await engine.start();
    // the disk has taken the removals
    expect(await engine.seaway('network', 'ls', '-q', '--filter', 'type=custom')).toBe('');
    expect(await engine.seaway('ps', '-aq', '--filter', 'status=created')).toBe('');
    rmSync(fillPath);
    expect(await soon(async () => (await stateOf('again')) === 'running', 30_000)).toBe(true);
    await engine.seaway('network', 'create', 'after');
    expect((await engine.seaway('run', '--rm', 'busybox', 'echo', 'hi')).trim()).toBe('hi');
    expect(await stateOf('fast')).toBe('exited');
    await engine.seaway('network', 'rm', 'after');
    expect(await engine.seaway('network', 'ls', '-q', '--filter', 'type=custom')).toBe('');
  });
});
