import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { allStreams, Bench, readAll, readUntil, unframe } from './runtime-fixture.ts';

let bench: Bench;

beforeAll(async () => {
  // Longer than a socket's path may be: everything must work all the same.
  bench = new Bench(`-${'long'.repeat(30)}`);
  await bench.open();
});

afterAll(() => bench.close());

describe('a container', () => {
  it('runs a command and ends with its exit code', async () => {
    const { out, err, code } = await bench.outcome(bench.sh('echo hi; echo no >&2; exit 7'));
    expect({ out, err, code }).toEqual({ out: 'hi\n', err: 'no\n', code: 7 });
    expect(bench.leftovers()).toEqual([]);
  });

  it('tells its end once, with the time', async () => {
    const container = bench.sh('exit 3');
    await bench.run(container);
    const event = await bench.exit(container.id);
    expect(event).toMatchObject({ exitCode: 3, oomKilled: false });
    expect(Math.abs(Date.parse(event.at) - Date.now())).toBeLessThan(10_000);
    expect(bench.runtime.exitOf(container.id)).toEqual(event);
    await bench.runtime.remove(container.id);
    expect(bench.exits.filter((e) => e.id === container.id)).toHaveLength(1);
    expect(bench.runtime.exitOf(container.id)).toBeUndefined();
  });

  it('does nothing before it is started, and loses nothing that comes then', async () => {
    const container = bench.sh('echo first; sleep 0.1; echo last');
    await bench.create(container);
    const stream = await bench.runtime.attach(container, { ...allStreams, stdin: false });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(stream.readableLength).toBe(0);
    await bench.runtime.start(container.id);
    expect(unframe(await readAll(stream)).out).toBe('first\nlast\n');
    await bench.runtime.remove(container.id);
  });

  it.each([
    [['nope'], 'exec: "nope": executable file not found in $PATH: unknown'],
    [['/bin/nope'], 'exec: "/bin/nope": stat /bin/nope: no such file or directory: unknown'],
    [['/etc/passwd'], 'exec: "/etc/passwd": permission denied: unknown'],
  ])('that cannot run %j says why in the words of Docker and leaves nothing', async (command, why) => {
    const begin =
      'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ';
    const failed = bench.create(bench.box(command));
    await expect(failed).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND', message: begin + why });
    expect(bench.leftovers()).toEqual([]);
  });

  it('has the capabilities, the seccomp filter and the hidden paths of Docker', async () => {
    const script = `grep -E 'Cap(Eff|Bnd)|^Seccomp:' /proc/self/status | tr -d '\\t\\n'
      mount -t tmpfs none /tmp 2>/dev/null || echo -n ' nomount'
      echo x 2>/dev/null >/proc/sys/kernel/hostname || echo -n ' readonly'
      unshare -U true 2>/dev/null || echo -n ' nouserns'; hostname`;
    const { out } = await bench.outcome(bench.sh(script));
    expect(out).toBe(
      'CapEff:00000000a80425fbCapBnd:00000000a80425fbSeccomp:2 nomount readonly nouserns' + 'box\n',
    );
  });

  it('may be privileged as far as the engine is', async () => {
    const script =
      'grep CapBnd /proc/self/status | cut -f2; test -e /dev/kmsg && echo kmsg; mount -t tmpfs none /tmp && echo ok';
    const { out } = await bench.outcome(bench.sh(script, { host: { Privileged: true } }));
    const own = /CapBnd:\s*(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
    expect(out).toBe(`${own}\nkmsg\nok\n`);
  });

  it('runs as the user asked, with the groups of its root filesystem', async () => {
    const script = 'id -u; id -g; id -G; pwd; grep CapEff /proc/self/status | cut -f2';
    const ask = { config: { User: 'app', WorkingDir: '/made/here' }, host: { GroupAdd: ['77'] } };
    const { out } = await bench.outcome(bench.sh(script, ask));
    expect(out.split('\n').slice(0, 5)).toEqual([
      '1000',
      '1000',
      '1000 29 77',
      '/made/here',
      '0000000000000000',
    ]);
  });

  it('sees its mounts: bind, read-only and tmpfs', async () => {
    const source = join(bench.folder, 'shared');
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, 'file'), 'from the host\n');
    const bind = {
      type: 'bind' as const,
      name: '',
      source,
      destination: '/data',
      driver: '',
      mode: '',
      readWrite: true,
      propagation: 'rprivate',
      options: '',
      nonRecursive: false,
      copyUp: false,
    };
    const mounts = [
      bind,
      { ...bind, destination: '/ro', readWrite: false },
      { ...bind, type: 'tmpfs' as const, source: '', destination: '/scratch', options: 'size=1m' },
    ];
    const script =
      'cat /data/file; echo new >/data/new; echo x 2>/dev/null >/ro/x || echo ro; df -k /scratch | tail -1 | awk "{print \\$2}"; df -k /dev/shm | tail -1 | awk "{print \\$2}"';
    const { out } = await bench.outcome(bench.sh(script, { mounts, host: { ShmSize: 2 ** 20 } }));
    expect(out).toBe('from the host\nro\n1024\n1024\n');
    expect(readFileSync(join(source, 'new'), 'utf8')).toBe('new\n');
  });

  it('is limited: memory, processes, files', async () => {
    const host = { Memory: 32 * 2 ** 20, PidsLimit: 50, Ulimits: [{ Name: 'nofile', Soft: 100, Hard: 200 }] };
    const container = bench.sh('ulimit -Sn; ulimit -Hn; sleep 60', { host });
    await bench.create(container);
    const stream = await bench.runtime.attach(container, { ...allStreams, stdin: false });
    await bench.runtime.start(container.id);
    expect(await readUntil(stream, /200/)).toMatch(/100\n.*200/s);
    const stats = await bench.runtime.stats(container.id);
    expect(stats).toMatchObject({ memoryLimitBytes: 32 * 2 ** 20, pidsLimit: 50 });
    expect(stats.memoryBytes).toBeGreaterThan(0);
    const larger = {
      ...container,
      hostConfig: { ...container.hostConfig, Memory: 64 * 2 ** 20, PidsLimit: 60 },
    };
    await bench.runtime.update(larger);
    expect(await bench.runtime.stats(container.id)).toMatchObject({
      memoryLimitBytes: 64 * 2 ** 20,
      pidsLimit: 60,
    });
    await bench.runtime.remove(container.id);
    expect(bench.leftovers()).toEqual([]);
  });

  it('that uses too much memory ends as killed for that', async () => {
    const container = bench.sh('x=a; while :; do x=$x$x; done', { host: { Memory: 16 * 2 ** 20 } });
    await bench.run(container);
    expect(await bench.exit(container.id)).toMatchObject({ exitCode: 137, oomKilled: true });
    await bench.runtime.remove(container.id);
  });

  it('tells each time that it runs out of memory, and may go on', async () => {
    const told: string[] = [];
    const eat = "sh -c 'x=a; while :; do x=$x$x; done'; read line";
    const host = { Memory: 16 * 2 ** 20 };
    const container = bench.sh(`${eat}; ${eat}; exit 3`, { config: { OpenStdin: true }, host });
    bench.runtime.onMemoryRanOut((id) => told.push(id));
    await bench.create(container);
    const stream = await bench.runtime.attach(container, allStreams);
    await bench.runtime.start(container.id);
    for (const times of [1, 2]) {
      await vi.waitFor(() => expect(told).toHaveLength(times), { timeout: 20_000 });
      stream.write('\n');
    }
    expect(await bench.exit(container.id)).toMatchObject({ exitCode: 3 });
    await bench.runtime.remove(container.id);
    expect(told).toEqual([container.id, container.id]);
  });

  it('has an init before it when asked', async () => {
    const { out, code } = await bench.outcome(bench.sh('cat /proc/1/comm; exit 4', { host: { Init: true } }));
    expect(out).toMatch(/^(docker-init|tini|catatonit)\n$/);
    expect(code).toBe(4);
  });
});

describe('standard input', () => {
  it('goes through unharmed, a megabyte of it', async () => {
    const container = bench.box(['cat'], { config: { OpenStdin: true, StdinOnce: true } });
    await bench.create(container);
    const stream = await bench.runtime.attach(container, allStreams);
    await bench.runtime.start(container.id);
    const data = randomBytes(2 ** 20);
    stream.end(data);
    const { out } = unframe(await readAll(stream));
    expect(Buffer.from(out, 'latin1').equals(data)).toBe(true);
    expect(await bench.exit(container.id)).toMatchObject({ exitCode: 0 });
    await bench.runtime.remove(container.id);
  });

  it('stays open when one that only looks on goes away', async () => {
    const container = bench.box(['cat'], { config: { OpenStdin: true, StdinOnce: true } });
    await bench.create(container);
    const writer = await bench.runtime.attach(container, allStreams);
    const viewer = await bench.runtime.attach(container, { ...allStreams, stdin: false });
    await bench.runtime.start(container.id);
    viewer.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    writer.end('still there\n');
    expect(unframe(await readAll(writer)).out).toBe('still there\n');
    await bench.runtime.remove(container.id);
  });

  it('stays open without StdinOnce when its writer ends', async () => {
    const container = bench.box(['cat'], { config: { OpenStdin: true } });
    await bench.run(container);
    const first = await bench.runtime.attach(container, allStreams);
    first.end('one\n');
    await readUntil(first, /one/);
    first.destroy();
    const second = await bench.runtime.attach(container, allStreams);
    second.write('two\n');
    await readUntil(second, /two/);
    second.destroy();
    await bench.runtime.remove(container.id);
  });
});

describe('a slow reader', () => {
  it('holds the container up and loses nothing', async () => {
    const container = bench.sh('yes 0123456789abcde | head -c 4194304');
    await bench.create(container);
    const stream = await bench.runtime.attach(container, { ...allStreams, stdin: false });
    await bench.runtime.start(container.id);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(bench.exits.some((event) => event.id === container.id)).toBe(false);
    expect(unframe(await readAll(stream)).out).toBe('0123456789abcde\n'.repeat(2 ** 18));
    await bench.runtime.remove(container.id);
  });
});

describe('a terminal', () => {
  it('has the size asked for and lets a client detach and come back', async () => {
    const container = bench.box(['sh'], { config: { OpenStdin: true, StdinOnce: true, Tty: true } });
    await bench.create(container);
    const first = await bench.runtime.attach(container, { ...allStreams, detachKeys: Uint8Array.of(16, 17) });
    await bench.runtime.start(container.id);
    await bench.runtime.resize(container.id, { rows: 33, columns: 99 });
    first.write('stty size\n');
    await readUntil(first, /33 99/);
    const events: string[] = [];
    first.on('detached', () => events.push('detached'));
    const closed = new Promise<void>((resolve) => {
      first.on('close', () => {
        events.push('close');
        resolve();
      });
    });
    first.write(Buffer.of(16));
    first.write(Buffer.of(17));
    await closed;
    expect(events).toEqual(['detached', 'close']);
    const second = await bench.runtime.attach(container, allStreams);
    second.write('exit 6\n');
    await readAll(second);
    expect(await bench.exit(container.id)).toMatchObject({ exitCode: 6 });
    await bench.runtime.remove(container.id);
    expect(bench.leftovers()).toEqual([]);
  });
});

describe('signals and the freezer', () => {
  it('kill, pause and resume act on every process of the container', async () => {
    const container = bench.sh('trap "exit 5" TERM; while :; do echo x; sleep 0.02; done');
    const pid = await bench.runUntil(container, /x/);
    expect(await bench.runtime.pids(container.id)).toContain(pid);
    await bench.runtime.pause(container.id);
    const before = await bench.runtime.stats(container.id);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect((await bench.runtime.stats(container.id)).cpuNanoseconds).toBe(before.cpuNanoseconds);
    await bench.runtime.resume(container.id);
    await bench.runtime.kill(container.id, 15);
    expect(await bench.exit(container.id)).toMatchObject({ exitCode: 5 });
    await expect(bench.runtime.kill(container.id, 15)).rejects.toMatchObject({
      code: 'CONTAINER_NOT_RUNNING',
    });
    await bench.runtime.remove(container.id);
  });

  it('remove ends a paused container, and those with processes that ignore signals', async () => {
    const container = bench.sh('trap "" TERM INT HUP; sleep 100 & sleep 100');
    await bench.run(container);
    await bench.runtime.pause(container.id);
    await bench.runtime.remove(container.id);
    await bench.runtime.remove(container.id);
    expect(bench.leftovers()).toEqual([]);
    expect(bench.exits.some((event) => event.id === container.id)).toBe(false);
  });
});

describe('shared namespaces', () => {
  it('processes and memory of another container', async () => {
    const donor = bench.sh('echo shared >/dev/shm/file; sleep 100', { host: { IpcMode: 'shareable' } });
    const pid = await bench.run(donor);
    const host = { IpcMode: `container:${donor.id}`, PidMode: `container:${donor.id}` };
    const guest = bench.sh('cat /dev/shm/file; cat /proc/1/cmdline | tr "\\0" " "', { host });
    await bench.create(guest, { pid, ipc: pid, uts: 0 });
    const stream = await bench.runtime.attach(guest, { ...allStreams, stdin: false });
    await bench.runtime.start(guest.id);
    expect(unframe(await readAll(stream)).out).toBe('shared\nsleep 100 ');
    await bench.runtime.remove(guest.id);
    await bench.runtime.remove(donor.id);
    expect(bench.leftovers()).toEqual([]);
  });
});
