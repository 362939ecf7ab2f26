/** The road from end to end by the project's own command line: networks, containers, names, ports, streams. */
import { statSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { isInstalled, run } from './commands.ts';
import { openTestEngine, projectFolder } from './engine.ts';

const engine = openTestEngine();
const seaway = engine.seaway.bind(engine);
const address = '198.51.100.2';

interface InspectedNetwork {
  readonly Name: string;
  readonly Driver: string;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string; readonly Gateway: string }[] };
  readonly Containers: Readonly<Record<string, { readonly Name: string; readonly IPv4Address: string }>>;
}

beforeAll(async () => {
  await seaway('network', 'create', '--subnet', '10.77.0.0/24', 'tour');
  const serve = 'mkdir -p /www && echo "hello from web" >/www/index.html && exec httpd -f -p 80 -h /www';
  const ports = ['-p', '8080:80', '-p', '127.0.0.1:8081:80'];
  await seaway('run', '-d', '--name', 'web', '--network', 'tour', ...ports, 'busybox', 'sh', '-c', serve);
  await seaway('run', '-d', '--name', 'client', '--network', 'tour', 'busybox', 'sleep', '1000');
});

describe('two containers on a network of their own', () => {
  test('find each other by name, and by nothing that is not there', async () => {
    expect(await seaway('exec', 'client', 'nslookup', '-type=a', 'web')).toMatch(/Address: 10\.77\.0\.2$/m);
    // the host's own servers are asked for it, and there is none: that would take its time
    const ask = ['exec', 'client', 'timeout', '1', 'nslookup', '-type=a', 'nobody'];
    const nobody = await engine.trySeaway(ask);
    expect(nobody.status).not.toBe(0);
    expect(nobody.stdout).not.toContain('10.77.');
  });

  test('reach each other', async () => {
    const said = await seaway('exec', 'client', 'ping', '-c', '2', '-W', '2', 'web');
    expect(said).toContain('2 packets received, 0% packet loss');
    expect(await seaway('exec', 'client', 'wget', '-qO-', 'http://web/')).toBe('hello from web');
  });

  test('are shown by network inspect and network ls', async () => {
    const [network] = JSON.parse(await seaway('network', 'inspect', 'tour')) as readonly InspectedNetwork[];
    expect(network).toMatchObject({ Name: 'tour', Driver: 'bridge' });
    expect(network?.IPAM.Config).toEqual([{ Subnet: '10.77.0.0/24', Gateway: '10.77.0.1' }]);
    const ends = Object.values(network?.Containers ?? {}).map(
      ({ Name, IPv4Address }) => `${Name} ${IPv4Address}`,
    );
    expect(ends.toSorted()).toEqual(['client 10.77.0.3/24', 'web 10.77.0.2/24']);
    const names = await seaway('network', 'ls', '--format', '{{.Name}} {{.Driver}} {{.Scope}}');
    expect(names.split('\n')).toEqual([
      'bridge bridge local',
      'host host local',
      'none null local',
      'tour bridge local',
    ]);
  });

  test('have a hosts file, a hostname and the resolver as their server', async () => {
    const id = await seaway('inspect', '--format', '{{.Id}}', 'client');
    expect(await seaway('exec', 'client', 'hostname')).toBe(id.slice(0, 12));
    expect(await seaway('exec', 'client', 'cat', '/etc/hosts')).toContain(`10.77.0.3\t${id.slice(0, 12)}`);
    expect(await seaway('exec', 'client', 'cat', '/etc/resolv.conf')).toMatch(/^nameserver 127\.0\.0\.11$/m);
  });
});

describe('a published port', () => {
  test.each([
    ['from outside', 'outside', address],
    ["by the host's address", 'host', address],
    ['by loopback', 'host', '127.0.0.1'],
    ['by loopback of IPv6', 'host', '[::1]'],
  ] as const)('answers %s', async (_, where, host) => {
    expect(await engine.page(where, `http://${host}:8080/`)).toBe('hello from web');
  });

  test('answers another container, on another network and on its own, and the container itself', async () => {
    const get = ['timeout', '3', 'wget', '-qO-', `http://${address}:8080/`];
    expect(await seaway('run', '--rm', 'busybox', ...get)).toBe('hello from web');
    expect(await seaway('exec', 'client', ...get)).toBe('hello from web');
    expect(await seaway('exec', 'web', ...get)).toBe('hello from web');
  });

  test('on loopback answers the host alone', async () => {
    expect(await engine.page('host', 'http://127.0.0.1:8081/')).toBe('hello from web');
    expect(await engine.page('outside', `http://${address}:8081/`)).toMatch(/ECONNREFUSED|no answer/);
  });

  test('is told by port, and cannot be had twice', async () => {
    expect((await seaway('port', 'web', '80/tcp')).split('\n')).toEqual([
      '0.0.0.0:8080',
      '[::]:8080',
      '127.0.0.1:8081',
    ]);
    const twice = await engine.trySeaway(['run', '--name', 'twice', '-p', '8080:80', 'busybox', 'true']);
    expect(twice.status).toBe(125);
    expect(twice.stderr).toContain('port is already allocated');
    await seaway('rm', 'twice');
  });

  test('of UDP answers too', async () => {
    await seaway('run', '-d', '--name', 'udp', '-p', '5353:53/udp', 'busybox', 'sleep', '1000');
    const pid = await seaway('inspect', '--format', '{{.State.Pid}}', 'udp');
    // busybox has no server of UDP
    const serve = `const s = require('node:dgram').createSocket('udp4').bind(53, () => console.log('ready'));
      s.on('message', (m, from) => s.send('by udp', from.port, from.address));`;
    const server = engine.rig.start(`/proc/${pid}/ns/net`, process.execPath, '-e', serve);
    expect(await server.firstLine).toBe('ready');
    const ask = `const s = require('node:dgram').createSocket('udp4');
      s.on('message', (m) => { console.log(m.toString()); process.exit(); });
      setTimeout(() => process.exit(1), 3000); s.send('?', 5353, '${address}');`;
    const { stdout } = await engine.on('outside', process.execPath, '-e', ask);
    server.stop();
    await seaway('rm', '-f', 'udp');
    expect(stdout).toBe('by udp\n');
  });
});

describe('streams', () => {
  test('exec gives output, errors and the exit status', async () => {
    const said = await engine.trySeaway(['exec', 'client', 'sh', '-c', 'echo out; echo err >&2; exit 3']);
    expect(said).toEqual({ status: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  test('exec and run take standard input', async () => {
    const said = await engine.trySeaway(['exec', '-i', 'client', 'sed', 's/^/in: /'], { input: 'a\nb\n' });
    expect(said.stdout).toBe('in: a\nin: b\n');
    const big = 'x'.repeat(300_000);
    const counted = await engine.trySeaway(['run', '-i', '--rm', 'busybox', 'wc', '-c'], { input: big });
    expect(counted.stdout.trim()).toBe(String(big.length));
  });

  test('attach without a terminal follows the output and gives the exit status', async () => {
    const script = 'read x; echo "got $x"; echo bad >&2; exit 4';
    await seaway('run', '-d', '-i', '--name', 'plain', 'busybox', 'sh', '-c', script);
    const said = await engine.trySeaway(['attach', 'plain'], { input: 'this\n' });
    expect(said).toEqual({ status: 4, stdout: 'got this\n', stderr: 'bad\n' });
    await seaway('rm', 'plain');
  });

  test.skipIf(!isInstalled('script'))(
    'attach with a terminal is one, and ctrl-p ctrl-q leaves it',
    async () => {
      await seaway('run', '-d', '-i', '-t', '--name', 'term', 'busybox', 'sh');
      // a terminal of our own around the command
      const attach = `${projectFolder}/bin/seaway attach term`;
      const script = ['script', '-q', '-e', '-c', `stty rows 33 cols 111; ${attach}`, '/dev/null'];
      const typed = '(sleep 1; printf "stty size; tty\\r"; sleep 1; printf "\\020\\021"; sleep 1)';
      const said = await run(['sh', '-c', `${typed} | ${script.map((word) => `'${word}'`).join(' ')}`], {
        env: engine.env,
      });
      expect(said.stdout).toContain('33 111');
      expect(said.stdout).toContain('/dev/pts/0');
      expect(await seaway('inspect', '--format', '{{.State.Status}}', 'term')).toBe('running');
      await seaway('rm', '-f', 'term');
    },
  );

  test('logs have both streams, the last lines, and go on', async () => {
    await seaway(
      'run',
      '--name',
      'said',
      'busybox',
      'sh',
      '-c',
      'echo one; echo three; sleep 0.2; echo two >&2',
    );
    expect(await engine.trySeaway(['logs', 'said'])).toEqual({
      status: 0,
      stdout: 'one\nthree\n',
      stderr: 'two\n',
    });
    expect(await seaway('logs', '--tail', '2', 'said')).toBe('three');
    await seaway('rm', 'said');
    await seaway('run', '-d', '--name', 'slow', 'busybox', 'sh', '-c', 'echo a; sleep 0.5; echo b');
    expect(await seaway('logs', '-f', 'slow')).toBe('a\nb');
    await seaway('rm', '-f', 'slow');
  });
});

describe('the end', () => {
  test('stop ends a container, wait tells its status, rm removes it', async () => {
    const trap = 'trap "exit 9" TERM; while :; do sleep 0.1; done';
    await seaway('run', '-d', '--name', 'ended', 'busybox', 'sh', '-c', trap);
    const waiting = seaway('wait', 'ended');
    expect(await seaway('stop', 'ended')).toBe('ended');
    expect(await waiting).toBe('9');
    expect(await seaway('ps', '-a', '--filter', 'name=ended', '--format', '{{.Status}}')).toMatch(
      /^Exited \(9\)/,
    );
    expect(await seaway('rm', 'ended')).toBe('ended');
    const gone = await engine.trySeaway(['inspect', 'ended']);
    expect(gone.status).toBe(1);
    expect(gone.stderr).toMatch(/no such (object|container): ended/i);
  });

  test('a network in use is not removed, one that is not is', async () => {
    const used = await engine.trySeaway(['network', 'rm', 'tour']);
    expect(used.status).toBe(1);
    expect(used.stderr).toContain('has active endpoints');
    await seaway('rm', '-f', 'web', 'client');
    expect(await seaway('network', 'rm', 'tour')).toBe('tour');
    expect(engine.rig.ip('host', 'link').map(({ ifname }) => ifname)).toEqual(['lo', 'up0', 'docker0']);
  });
});

test('the socket is for root and the group docker', () => {
  expect(statSync(engine.socket).mode & 0o777).toBe(0o660);
});
