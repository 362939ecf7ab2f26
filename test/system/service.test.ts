/** The engine under a service manager: readiness, sockets that are handed over, settings that are read again. */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import * as constants from '../../src/kernel/ffi/constants.ts';
import { bind, close, recv, socket } from '../../src/kernel/ffi/libc.ts';
import type { Rig } from '../kernel/rig.ts';
import { run, soon } from './commands.ts';
import { openTestEngine, TestEngine } from './engine.ts';
import { openEngineHost, projectFolder } from './engine-host.ts';

/** The other end of sd_notify(3): what has been told so far. */
function openNotifySocket(path: string): { told: () => string; close: () => void } {
  const fd = socket(constants.AF_UNIX, constants.SOCK_DGRAM | constants.SOCK_CLOEXEC, 0);
  const address = Buffer.alloc(3 + Buffer.byteLength(path));
  address.writeUInt16LE(constants.AF_UNIX, 0);
  address.write(path, 2);
  if (bind(fd, address, address.length) !== 0) throw new Error(`cannot bind ${path}`);
  const told: string[] = [];
  return {
    told: () => {
      const buffer = Buffer.alloc(4096);
      for (let length = 1; length > 0; ) {
        length = recv(fd, buffer, buffer.length, constants.MSG_DONTWAIT);
        if (length > 0) told.push(buffer.toString('utf8', 0, length));
      }
      return told.join('|');
    },
    close: () => close(fd),
  };
}

/** Environments of the engine's children that go on without it. */
const environmentsOf = (engine: TestEngine): readonly string[] =>
  globSync('/proc/[0-9]*/environ').flatMap((path) => {
    try {
      const text = readFileSync(path, 'utf8');
      const command = readFileSync(path.replace('environ', 'cmdline'), 'utf8');
      return command.includes('conmon') && command.includes(engine.folder) ? [text] : [];
    } catch {
      return [];
    }
  });

describe('readiness', () => {
  const engine = openTestEngine({ idle: true });

  test('is told once the API answers, and so is the end', async () => {
    const name = join(engine.folder, 'notify');
    const manager = openNotifySocket(name);
    engine.env.NOTIFY_SOCKET = name;
    try {
      await engine.launch();
      expect(await soon(() => manager.told() === 'READY=1', 20_000), engine.log()).toBe(true);
      expect((await engine.api('GET', '/_ping')).text).toBe('OK');
      await engine.seaway('run', '-d', '--name', 'held', 'busybox', 'sleep', '1000');
      expect(environmentsOf(engine).length).toBeGreaterThan(0);
      for (const text of environmentsOf(engine)) expect(text).not.toContain('NOTIFY_SOCKET');
      await engine.seaway('rm', '-f', 'held');
      await engine.stop();
      expect(manager.told()).toBe('READY=1|STOPPING=1');
    } finally {
      delete engine.env.NOTIFY_SOCKET;
      manager.close();
    }
  });
});

/** Binds, and hands the socket over as descriptor 3. */
const handOver = `
  use IO::Socket::UNIX;
  $^F = 3;
  my $path = shift;
  my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 9) or die "$path: $!";
  die "descriptor " . fileno($listener) if fileno($listener) != 3;
  $ENV{LISTEN_PID} = $$;
  $ENV{LISTEN_FDS} = 1;
  exec @ARGV;
`;

class ActivatedEngine extends TestEngine {
  activated = true;

  constructor(rig: Rig) {
    super(rig, []);
  }

  protected override command(flags: readonly string[]): readonly string[] {
    const seawayd = super.command(flags).map((word) => (word === `unix://${this.socket}` ? 'fd://' : word));
    return this.activated ? ['perl', '-e', handOver, this.socket, ...seawayd] : seawayd;
  }
}

describe('a socket that is handed over', () => {
  const engine = openEngineHost((rig) => new ActivatedEngine(rig), { idle: true });
  afterEach(() => {
    engine.activated = true;
  });

  test('is served, left where it is, and no container gets it', async () => {
    await engine.start();
    await engine.seaway('run', '-d', '--name', 'held', 'busybox', 'sleep', '1000');
    const { json } = await engine.api('GET', '/containers/held/json');
    const { Pid: pid } = (json as { State: { Pid: number } }).State;
    const open = (await run(['ls', '-l', `/proc/${pid}/fd`])).stdout;
    expect(open).toContain('-> ');
    expect(open).not.toContain('socket:');
    await engine.seaway('rm', '-f', 'held');
    await engine.stop();
    expect((await run(['test', '-S', engine.socket])).status).toBe(0);
    await run(['rm', engine.socket]);
  });

  test('is missed where nobody has handed one over', async () => {
    engine.activated = false;
    await expect(engine.start()).rejects.toThrow(
      'no sockets found via socket activation: make sure the service was started by systemd',
    );
  });
});

describe('SIGHUP', () => {
  const engine = openTestEngine({ idle: true });
  const file = join(engine.folder, 'daemon.json');
  const write = (settings: object | string): void =>
    writeFileSync(file, typeof settings === 'string' ? settings : JSON.stringify(settings));
  const hangUp = async (until: string): Promise<void> => {
    const before = engine.log(1000).length;
    const said = (): string => engine.log(1000).slice(before);
    process.kill(engine.pid, 'SIGHUP');
    if (!(await soon(() => said().includes(until), 5000))) throw new Error(said());
  };
  const info = async (): Promise<unknown> => (await engine.api('GET', '/info')).json;

  test('takes on what may change, names what may not, and keeps all where the file is wrong', async () => {
    write({ labels: ['rack=1'], mtu: 1400 });
    await engine.start(['--config-file', file]);
    expect(await info()).toMatchObject({ Labels: ['rack=1'], Debug: false });

    write({ labels: ['rack=2'], debug: true, mtu: 1300, 'insecure-registries': ['r.example:5000'] });
    await hangUp('settings that take effect at the next start settings=bridge');
    const changed = {
      Labels: ['rack=2'],
      Debug: true,
      RegistryConfig: { IndexConfigs: { 'r.example:5000': { Secure: false } } },
    };
    expect(await info()).toMatchObject(changed);
    const { text } = await engine.api(
      'GET',
      `/events?since=1&until=${Date.now() / 1000}&filters={"type":["daemon"]}`,
    );
    expect(JSON.parse(text)).toMatchObject({
      Type: 'daemon',
      Action: 'reload',
      Actor: { Attributes: { debug: 'true', labels: '["rack=2"]' } },
    });

    write('{"labels": ["a=1", "a=2"]}');
    await hangUp('conflict labels for a=2 and a=1');
    write('{"labels": [');
    await hangUp('the settings stay as they are');
    write({ 'no-such-key': true });
    await hangUp("don't match any configuration option: no-such-key");
    expect(await info()).toMatchObject(changed);
    await engine.stop();
  });
});

describe('the units of contrib/systemd', () => {
  const folder = join(projectFolder, 'contrib/systemd');

  test('start the engine as it can be started', async () => {
    const [, line = ''] =
      /^ExecStart=(.*)$/m.exec(readFileSync(join(folder, 'seaway.service'), 'utf8')) ?? [];
    const [, ...flags] = line.split(' ');
    const said = await run([join(projectFolder, 'bin/seawayd'), '--validate', ...flags]);
    expect(said).toMatchObject({ status: 0, stdout: 'configuration OK\n' });
  });

  const analyze = globSync('/usr/bin/systemd-analyze');
  const missing = analyze.length === 0 ? ' (skipped: systemd-analyze is not installed)' : '';
  test.skipIf(missing !== '')(`are right in systemd's eyes${missing}`, async () => {
    const copy = join('/tmp', `sw-units-${process.pid}`);
    mkdirSync(copy);
    for (const name of ['seaway.service', 'seaway.socket']) {
      const text = readFileSync(join(folder, name), 'utf8').replace('/opt/seaway', projectFolder);
      writeFileSync(join(copy, name), text);
    }
    const said = await run(['systemd-analyze', 'verify', ...globSync(`${copy}/*`)]);
    await run(['rm', '-r', copy]);
    expect(said).toMatchObject({ status: 0, stderr: '' });
  });
});
