import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Container } from '../../src/model/container.ts';
import { hasDefaultProfile } from '../../src/runtime/apparmor.ts';
import { allStreams, Bench, execSpec, readAll, readUntil, unframe } from './runtime-fixture.ts';

let bench: Bench;
let container: Container;

beforeAll(async () => {
  bench = new Bench();
  await bench.open();
  container = bench.sh('sleep 1000', { config: { WorkingDir: '/tmp' } });
  await bench.run(container);
});

afterAll(() => bench.close());

describe('a further process', () => {
  it('has its own user, folder and environment, and an exit code', async () => {
    const script = 'cat; pwd; id -un; echo $X; echo no >&2; exit 9';
    const spec = execSpec(['sh', '-c', script], {
      stdin: true,
      cwd: '/etc',
      user: 'app',
      env: ['PATH=/bin', 'X=y'],
    });
    const { stream, exited, pid } = await bench.runtime.exec(container, spec, allStreams);
    expect(pid).toBeGreaterThan(1);
    stream?.end('typed\n');
    const { out, err } = unframe(await readAll(stream ?? expect.fail('no stream')));
    expect({ out, err, code: await exited }).toEqual({ out: 'typed\n/etc\napp\ny\n', err: 'no\n', code: 9 });
  });

  it('takes the user and the folder of the container where none is asked', async () => {
    const spec = execSpec(['sh', '-c', 'pwd; id -u']);
    const { stream } = await bench.runtime.exec(container, spec, allStreams);
    expect(unframe(await readAll(stream ?? expect.fail('no stream'))).out).toBe('/tmp\n0\n');
  });

  it('may be detached: nobody reads it, its end is told', async () => {
    const { stream, exited } = await bench.runtime.exec(
      container,
      execSpec(['sh', '-c', 'echo lost; exit 4']),
      undefined,
    );
    expect(stream).toBeUndefined();
    expect(await exited).toBe(4);
  });

  it.each([true, false])(
    'that is not found says so in the words of Docker (attached: %s)',
    async (attached) => {
      const failed = bench.runtime.exec(container, execSpec(['nope']), attached ? allStreams : undefined);
      await expect(failed).rejects.toMatchObject({
        code: 'COMMAND_NOT_FOUND',
        message:
          'OCI runtime exec failed: exec failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown',
      });
    },
  );

  it('moves a megabyte each way', async () => {
    const data = randomBytes(2 ** 20);
    const { stream } = await bench.runtime.exec(container, execSpec(['cat'], { stdin: true }), allStreams);
    stream?.end(data);
    const { out } = unframe(await readAll(stream ?? expect.fail('no stream')));
    expect(Buffer.from(out, 'latin1').equals(data)).toBe(true);
  });

  it('has a terminal that can be resized', async () => {
    const spec = execSpec(['sh'], { tty: true, stdin: true });
    const { stream, exited } = await bench.runtime.exec(container, spec, allStreams);
    if (!stream) return expect.fail('no stream');
    await bench.runtime.resizeExec(spec.id, { rows: 41, columns: 17 });
    stream.write('stty size\n');
    await readUntil(stream, /41 17/);
    stream.write('exit 2\n');
    await readAll(stream);
    expect(await exited).toBe(2);
  });

  it('may be privileged beyond its container', async () => {
    const script = 'grep CapEff /proc/self/status | cut -f2';
    const plain = await bench.runtime.exec(container, execSpec(['sh', '-c', script]), allStreams);
    const more = await bench.runtime.exec(
      container,
      execSpec(['sh', '-c', script], { privileged: true }),
      allStreams,
    );
    const read = async (stream: AsyncIterable<Buffer> | undefined): Promise<string> =>
      unframe(await readAll(stream ?? expect.fail('no stream'))).out.trim();
    expect(await read(plain.stream)).toBe('00000000a80425fb');
    expect(await read(more.stream)).not.toBe('00000000a80425fb');
  });

  it('leaves nothing, also when the container ends under it', async () => {
    const { exited } = await bench.runtime.exec(container, execSpec(['sleep', '1000']), undefined);
    await bench.runtime.remove(container.id);
    expect(await exited).toBe(137);
    expect(bench.leftovers()).toEqual([]);
    const late = bench.runtime.exec(container, execSpec(['true']), undefined);
    await expect(late).rejects.toMatchObject({ code: 'CONTAINER_NOT_RUNNING' });
  });
});

const lacking = hasDefaultProfile()
  ? ''
  : ' (skipped: kernel lacks AppArmor, or apparmor_parser is not there)';

it.skipIf(lacking !== '')(`AppArmor confines a container and its further processes${lacking}`, async () => {
  const attempt = 'cat /proc/self/attr/current; mount -t tmpfs none /tmp 2>/dev/null || echo denied';
  const host = { SecurityOpt: ['apparmor=docker-default', 'seccomp=unconfined'], CapAdd: ['SYS_ADMIN'] };
  const confined = bench.sh('sleep 1000', { host });
  await bench.run(confined);
  // as others may; it is loaded again
  execFileSync('/sbin/apparmor_parser', ['-R'], { input: 'profile docker-default { }' });
  const spec = execSpec(['sh', '-c', attempt], { privileged: true });
  const { stream } = await bench.runtime.exec(confined, spec, allStreams);
  expect(unframe(await readAll(stream ?? expect.fail('no stream'))).out).toBe(
    'docker-default (enforce)\ndenied\n',
  );
  const free = { ...host, SecurityOpt: ['apparmor=unconfined', 'seccomp=unconfined'] };
  expect((await bench.outcome(bench.sh(attempt, { host: free }))).out).toBe('unconfined\n');
});
