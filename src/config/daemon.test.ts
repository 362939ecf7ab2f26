import { describe, expect, it } from 'vitest';
import { defaultPools } from '../ipam/choose-pool.ts';
import { parseDaemonArguments, readDaemonCommand } from './daemon.ts';

const noFile = () => undefined;
const file = (json: unknown) => () => (typeof json === 'string' ? json : JSON.stringify(json));
const parse = (line: string, read: (path: string) => string | undefined = noFile) =>
  parseDaemonArguments(line.split(' ').filter(Boolean), read);
const withFile = (json: unknown, line = '') => parse(`--config-file /d.json ${line}`, file(json));

describe('defaults', () => {
  it('are dockerd’s, with places of our own', () => {
    expect(parse('')).toMatchObject({
      hosts: ['unix:///run/seaway/engine.sock'],
      dataRoot: '/var/lib/seaway',
      execRoot: '/run/seaway',
      pidfile: '/run/seaway/seaway.pid',
      bridge: { icc: true, ipMasq: true, mtu: 0, name: '' },
      iptables: true,
      userlandProxy: true,
      defaultAddressPools: defaultPools,
      defaultShmSize: 67108864,
      defaultRuntime: 'runc',
      ignored: [],
    });
  });

  it('put the pid file where the exec root is', () => {
    expect(parse('--exec-root /e').pidfile).toBe('/e/seaway.pid');
  });

  it('debug means the log level debug', () => {
    expect(parse('-D').logLevel).toBe('debug');
  });
});

describe('flags', () => {
  it('are read as a test daemon gives them', () => {
    const line =
      '--config-file /dev/null --userland-proxy=true --host unix:///d/docker.sock --data-root /d/root --exec-root /d/exec --pidfile /d/docker.pid --storage-driver overlayfs --debug --containerd /c.sock';
    const config = parse(line, () => '');
    expect(config).toMatchObject({ hosts: ['unix:///d/docker.sock'], pidfile: '/d/docker.pid', debug: true });
    expect(config.ignored).toEqual(['--containerd', '--storage-driver']);
  });

  it('come long, short, joined and with an equals sign', () => {
    expect(parse('-H unix:///a -Hunix:///b -H=unix:///c --host=unix:///d').hosts).toEqual([
      'unix:///a',
      'unix:///b',
      'unix:///c',
      'unix:///d',
    ]);
    expect(parse('-Dl error')).toMatchObject({ debug: true, logLevel: 'error' });
  });

  it('that are switches take a value only after an equals sign', () => {
    expect(parse('--icc=false --ip-masq=0 --iptables=T').bridge).toMatchObject({ icc: false, ipMasq: false });
    expect(() => parse('--icc false')).toThrow('accepts no arguments');
  });

  it('of lists repeat', () => {
    expect(parse('--dns 1.1.1.1 --dns 2001:db8::1 --dns-opt ndots:1 --dns-search a.example')).toMatchObject({
      dns: ['1.1.1.1', '2001:db8::1'],
      dnsOptions: ['ndots:1'],
      dnsSearch: ['a.example'],
    });
  });

  it('with their own forms are parsed', () => {
    const config = parse(
      '--default-address-pool base=10.0.0.0/8,size=24 --default-ulimit nofile=1:2 --add-runtime crun=/usr/bin/crun --default-shm-size 8m --log-opt max-size=1m --feature x --feature y=false --default-network-opt bridge=a.b=c --host-gateway-ip 10.0.0.1,fd00::1 --host-names=false',
    );
    expect(config).toMatchObject({
      defaultAddressPools: [{ base: '10.0.0.0/8', size: 24 }],
      defaultUlimits: [{ name: 'nofile', soft: 1, hard: 2 }],
      runtimes: { runc: { path: 'runc' }, crun: { path: '/usr/bin/crun' } },
      defaultShmSize: 8388608,
      logOpts: { 'max-size': '1m' },
      features: { x: true, y: false },
      defaultNetworkOpts: { bridge: { 'a.b': 'c' } },
      hostGatewayIPs: ['10.0.0.1', 'fd00::1'],
      hostNames: false,
    });
  });

  it('of tcp sockets get Docker’s ports', () => {
    expect(parse('-H tcp://0.0.0.0 -H :5555 -H tcp://[::1]').hosts).toEqual([
      'tcp://0.0.0.0:2375',
      'tcp://localhost:5555',
      'tcp://[::1]:2375',
    ]);
    expect(parse('-H tcp://0.0.0.0 --tlsverify').hosts).toEqual(['tcp://0.0.0.0:2376']);
  });
});

describe('errors of the command line', () => {
  it.each([
    ['--nope', "unknown flag: --nope\nSee 'seawayd --help'."],
    ['-Z', "unknown shorthand flag: 'Z' in -Z"],
    ['--icc=x', 'invalid argument "x" for "--icc" flag: strconv.ParseBool: parsing "x": invalid syntax'],
    ['--mtu=x', 'invalid argument "x" for "--mtu" flag: strconv.ParseInt: parsing "x": invalid syntax'],
    ['--dns zz', 'invalid argument "zz" for "--dns" flag: zz is not an ip address'],
    ['--mtu', 'flag needs an argument: --mtu'],
    ['-H', "flag needs an argument: 'H' in -H"],
    ['-H zz://q', 'invalid argument "zz://q" for "-H, --host" flag: Invalid bind address format: zz://q'],
    ['--label x', 'bad attribute format: x'],
    ['--default-address-pool foo=10', "unexpected key 'foo' in 'foo=10'"],
    ['--default-address-pool base=10.0.0.0/8', 'size 0 does not fit 10.0.0.0/8'],
    ['--default-ulimit nofile', 'invalid ulimit argument: nofile'],
    ['--default-shm-size 1zz', "invalid suffix: 'zz'"],
    ['--registry-mirror foo', 'invalid mirror: unsupported scheme "" in "foo"'],
    ['--dns-search a_b;c', 'a_b;c is not a valid domain'],
    ['--bip 999', 'invalid CIDR address: 999'],
    ['--bip6 10.0.0.1/24', 'invalid CIDR address: 10.0.0.1/24'],
    ['-l loud', 'invalid logging level: loud'],
    ['-b br0 --bip 10.0.0.1/24', 'You specified -b & --bip'],
    ['--icc=false --iptables=false', 'ICC=false uses iptables to function'],
    ['-b br+x', 'invalid --bridge: "br+x" is not a link name that firewall rules can match'],
    ['--mtu 67', 'invalid default MTU: 67'],
    ['--mtu 0x43', 'invalid default MTU: 67'],
    ['--mtu 1279 --ipv6', 'invalid default MTU: 1279: IPv6 needs at least 1280'],
    ['--max-concurrent-downloads=-1', 'invalid max concurrent downloads: -1'],
    ['--default-ipc-mode foo', 'default IPC mode setting (foo) is invalid'],
    ['--default-runtime foo', "specified default runtime 'foo' does not exist"],
    ['--firewall-backend pf', 'invalid firewall-backend "pf"'],
    ['--label a=1 --label a=2', 'conflict labels for a=2 and a=1'],
    [
      '--config-file /nope',
      'unable to configure the Docker daemon with file /nope: open /nope: no such file or directory',
    ],
    ['--userns-remap default', '--userns-remap is not supported'],
    ['--bridge-accept-fwmark 0x100000000', 'invalid firewall mark "0x100000000"'],
    ['--bridge-accept-fwmark 08', 'invalid firewall mark "08"'],
    ['--bridge-accept-fwmark 1/0x1/2', 'invalid firewall mark "1/0x1/2"'],
  ])('%s', (line, message) => {
    expect(() => parse(line)).toThrow(message);
  });
});

describe('the configuration file', () => {
  it('may be empty', () => {
    expect(withFile('')).toMatchObject({ configFile: '/d.json' });
  });

  it('uses plural keys for lists', () => {
    const config = withFile({
      hosts: ['unix:///a'],
      labels: ['a=1'],
      'insecure-registries': ['127.0.0.0/8', 'http://r:5000'],
      'registry-mirrors': ['https://m.example'],
      'default-address-pools': [{ base: '10.0.0.0/8', size: 24 }],
      'default-ulimits': { nofile: { Name: 'nofile', Hard: 64000, Soft: 64000 } },
      runtimes: { custom: { path: '/r', runtimeArgs: ['--debug'] } },
      'log-opts': { 'max-size': '10m' },
      'default-shm-size': '64M',
      proxies: { 'http-proxy': 'http://p:80' },
      'host-gateway-ip': '10.0.0.1',
      builder: { gc: { enabled: true } },
      'storage-driver': 'overlay2',
    });
    expect(config).toMatchObject({
      hosts: ['unix:///a'],
      labels: ['a=1'],
      insecureRegistries: ['127.0.0.0/8', 'r:5000'],
      registryMirrors: ['https://m.example/'],
      defaultAddressPools: [{ base: '10.0.0.0/8', size: 24 }],
      defaultUlimits: [{ name: 'nofile', soft: 64000, hard: 64000 }],
      runtimes: { custom: { path: '/r', args: ['--debug'] } },
      proxies: { httpProxy: 'http://p:80' },
      hostGatewayIPs: ['10.0.0.1'],
      ignored: ['storage-driver', 'builder'],
    });
  });

  it.each<[unknown, string, string]>([
    [{ nope: 1, nada: 2 }, '', "the following directives don't match any configuration option: nope, nada"],
    [{ 'insecure-registry': ['a'] }, '', "don't match any configuration option: insecure-registry"],
    [
      { debug: true },
      '-D',
      'the following directives are specified both as a flag and in the configuration file: debug: (from flag: true, from file: true)',
    ],
    [{ hosts: ['unix:///x'] }, '-H unix:///y', 'hosts: (from flag: [unix:///y], from file: [unix:///x])'],
    [{ dns: 5 }, '', 'json: cannot unmarshal number into Go struct field Config.dns of type []string'],
    [{ mtu: 'x' }, '', 'json: cannot unmarshal string into Go struct field Config.mtu of type int'],
    [
      { iptables: 'no' },
      '',
      'json: cannot unmarshal string into Go struct field Config.iptables of type bool',
    ],
    [{ dns: ['zz'] }, '', 'zz is not an ip address'],
    ['{', '', 'unable to configure the Docker daemon with file /d.json: unexpected EOF'],
    ['{"debug": yes}', '', "invalid character 'y' looking for beginning of value"],
    ['{} x', '', 'unable to configure the Docker daemon with file /d.json'],
    ['[]', '', 'must be an object'],
    [
      { 'max-concurrent-downloads': -1 },
      '',
      'merged configuration validation from file and command line flags failed: invalid max concurrent downloads: -1',
    ],
  ])('%j with "%s" is refused', (json, line, message) => {
    expect(() => withFile(json, line)).toThrow(message);
  });
});

describe('what ends at once', () => {
  const run = (line: string) => readDaemonCommand(line.split(' '), noFile);

  it('--remove-all is asked for with the settings of the engine that was', () => {
    expect(run('--remove-all --data-root /d')).toMatchObject({
      kind: 'remove-all',
      keepData: false,
      config: { dataRoot: '/d' },
    });
    expect(run('--remove-all --keep-data')).toMatchObject({ kind: 'remove-all', keepData: true });
    expect(() => run('--keep-data')).toThrow('--keep-data is only of use with --remove-all');
  });

  it('--validate checks the configuration', () => {
    expect(run('--validate')).toMatchObject({ kind: 'validate' });
    expect(run('--validate=false')).toMatchObject({ kind: 'run' });
    expect(() => run('--validate=maybe')).toThrow('invalid argument "maybe" for "--validate" flag');
    expect(() => run('--validate --bip x')).toThrow('invalid CIDR address');
  });

  it('--version and -v', () => {
    expect(run('--version')).toEqual({ kind: 'version' });
    expect(run('-v')).toEqual({ kind: 'version' });
  });

  it('--help names every flag', () => {
    const command = run('--help');
    expect(command.kind === 'print' && command.text).toMatch(/-H, --host list[\s\S]*--userland-proxy /);
  });
});
