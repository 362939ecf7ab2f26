import { describe, expect, it } from 'vitest';
import { capabilitiesOf } from './capabilities.ts';
import { csvFields } from './csv.ts';
import { isCdiName, parseByteRate, parseDevice, parseGpus } from './devices.ts';
import { envOf, withProxies } from './environment.ts';
import { healthcheckOf } from './health.ts';
import { parseCpus, parseExtraHost, parseRestart, parseSysctl } from './hosts.ts';
import { ipamPools } from './ipam.ts';
import { parseMount, parseTmpfs, parseVolumes } from './mounts.ts';
import { blankAttachment, networkingOf, parseNetwork } from './networks.ts';
import { parseExpose, parsePublish } from './ports.ts';

describe('--publish', () => {
  it.each<[string, [string, string, string][]]>([
    ['80', [['80/tcp', '', '']]],
    ['8080:80', [['80/tcp', '', '8080']]],
    ['8080:80/udp', [['80/udp', '', '8080']]],
    ['127.0.0.1:8080:80', [['80/tcp', '127.0.0.1', '8080']]],
    ['127.0.0.1::80/TCP', [['80/tcp', '127.0.0.1', '']]],
    ['[::1]:8080:80', [['80/tcp', '::1', '8080']]],
    ['[::]::80', [['80/tcp', '::', '']]],
    [
      '1000-1001:2000-2001',
      [
        ['2000/tcp', '', '1000'],
        ['2001/tcp', '', '1001'],
      ],
    ],
    [
      '80-81',
      [
        ['80/tcp', '', ''],
        ['81/tcp', '', ''],
      ],
    ],
    ['8000-8010:80', [['80/tcp', '', '8000-8010']]],
    ['target=80,published=8080,protocol=udp', [['80/udp', '', '8080']]],
  ])('%s', (text, expected) => {
    expect(parsePublish(text).map(({ port, HostIp, HostPort }) => [port, HostIp, HostPort])).toEqual(
      expected,
    );
  });

  it.each([
    ['x', 'invalid containerPort: x'],
    ['x:80', 'invalid hostPort: x'],
    ['80:80/icmp', 'invalid proto: icmp'],
    ['70000', 'invalid containerPort: 70000'],
    ['1.2.3:80:80', 'invalid IP address: 1.2.3'],
    ['1-3:1-2', 'invalid ranges specified for container and host Ports: 1-2 and 1-3'],
    ['80:', 'no port specified: 80:<empty>'],
    ['published=80', 'missing mandatory field "target"'],
  ])('refuses %s', (text, message) => {
    expect(() => parsePublish(text)).toThrow(message);
  });

  it('has ranges to expose, too', () => {
    expect(parseExpose('55-56/udp')).toEqual(['55/udp', '56/udp']);
    expect(() => parseExpose('8080:80')).toThrow('invalid port format for --expose: 8080:80');
  });
});

describe('--mount', () => {
  it.each([
    ['type=bind,src=/x,dst=/y,readonly', { Type: 'bind', Source: '/x', Target: '/y', ReadOnly: true }],
    [
      'type=bind,source=/x,target=/y,ro=false,bind-propagation=rslave',
      { ReadOnly: false, BindOptions: { Propagation: 'rslave' } },
    ],
    ['type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=1777', { TmpfsOptions: { SizeBytes: 1048576, Mode: 1023 } }],
    [
      'src=v,dst=/v,volume-nocopy,volume-opt=a=b,"volume-opt=o=x,y"',
      { Type: 'volume', VolumeOptions: { NoCopy: true, DriverConfig: { Options: { a: 'b', o: 'x,y' } } } },
    ],
  ])('%s', (text, expected) => {
    expect(parseMount(text)).toMatchObject(expected);
  });

  it.each([
    ['x', "invalid field 'x' must be a key=value pair"],
    ['dst=/x,foo=bar', "unexpected key 'foo' in 'foo=bar'"],
    ['type=bind', 'target is required'],
    ['type=tmpfs,dst=/x,volume-nocopy=true', "cannot mix 'volume-*' options with mount type 'tmpfs'"],
  ])('refuses %s', (text, message) => {
    expect(() => parseMount(text)).toThrow(message);
  });
});

describe('--volume and --tmpfs', () => {
  it('tell binds from anonymous volumes', () => {
    expect(parseVolumes(['/a:/b:ro', 'v:/c', '/anon'])).toEqual({
      binds: ['/a:/b:ro', 'v:/c'],
      anonymous: ['/anon'],
    });
    expect(parseVolumes(['./rel:/x']).binds[0]).toMatch(/^\/.*\/rel:\/x$/);
    expect(parseTmpfs(['/t:size=1m', '/u'])).toEqual({ '/t': 'size=1m', '/u': '' });
  });
});

const older = { aliases: [], links: [], ip: '', ip6: '', linkLocal: [], mac: '' };

describe('--network', () => {
  it('is a name or fields', () => {
    expect(parseNetwork('n1')).toEqual({ ...blankAttachment, target: 'n1' });
    expect(parseNetwork('container:a')).toMatchObject({ target: 'container:a' });
    expect(
      parseNetwork(
        'name=n,alias=a,alias=b,ip=10.0.0.1,ip6=fd00::1,driver-opt=k=v,gw-priority=-3,mac-address=02:42:ac:11:00:03,link-local-ip=169.254.3.3',
      ),
    ).toMatchObject({
      target: 'n',
      aliases: ['a', 'b'],
      driverOptions: { k: 'v' },
      gwPriority: -3,
      ip6: 'fd00::1',
    });
  });

  it.each([
    ['alias=x', 'network name/id is not specified'],
    ['name=n,foo=1', 'invalid field key foo'],
    ['name=n,gw-priority=x', 'invalid gw-priority (x): value must be an integer'],
    ['name=n,driver-opt=k', 'invalid key value pair format in driver options'],
  ])('refuses %s', (text, message) => {
    expect(() => parseNetwork(text)).toThrow(message);
  });

  it('is the mode alone where nothing is said about it, and endpoints where something is', () => {
    expect(networkingOf([parseNetwork('host')], older)).toEqual({ mode: 'host', endpoints: {} });
    expect(Object.keys(networkingOf([], older).endpoints)).toEqual(['default']);
    const two = networkingOf([parseNetwork('n1'), parseNetwork('n2')], {
      ...older,
      ip: '10.0.0.2',
      aliases: ['al'],
    });
    expect(two).toMatchObject({
      mode: 'n1',
      endpoints: {
        n1: { IPAMConfig: { IPv4Address: '10.0.0.2' }, Aliases: ['al'] },
        n2: { IPAMConfig: null },
      },
    });
  });

  it('refuses contradictions', () => {
    const ask = (...texts: string[]) => networkingOf(texts.map(parseNetwork), older);
    expect(() => ask('n1', 'host')).toThrow(
      'cannot attach both user-defined and non-user-defined network-modes',
    );
    expect(() => ask('n1', 'n1')).toThrow('network "n1" is specified multiple times');
    expect(() => networkingOf([], { ...older, aliases: ['a'] })).toThrow(
      'network-scoped aliases are only supported',
    );
    expect(() => networkingOf([parseNetwork('name=n,ip=1.2.3.4')], { ...older, ip: '1.2.3.5' })).toThrow(
      'cannot specify both --ip and per-network IPv4 address',
    );
  });
});

describe('network create', () => {
  it('puts ranges, gateways and addresses where they belong', () => {
    const ask = {
      subnets: ['10.0.0.0/24', 'fd00::/64'],
      ranges: ['10.0.0.128/25'],
      gateways: ['fd00::1', '10.0.0.1'],
      aux: { a: '10.0.0.5' },
    };
    expect(ipamPools(ask)).toEqual([
      {
        Subnet: '10.0.0.0/24',
        IPRange: '10.0.0.128/25',
        Gateway: '10.0.0.1',
        AuxiliaryAddresses: { a: '10.0.0.5' },
      },
      { Subnet: 'fd00::/64', Gateway: 'fd00::1' },
    ]);
  });

  it('refuses what has no subnet', () => {
    const none = { subnets: [], ranges: [], gateways: [], aux: {} };
    expect(() => ipamPools({ ...none, gateways: ['10.0.0.1'] })).toThrow(
      'every ip-range or gateway must have a corresponding subnet',
    );
    expect(() => ipamPools({ ...none, subnets: ['10.0.0.0/24'], gateways: ['10.1.0.1'] })).toThrow(
      'no matching subnet for gateway 10.1.0.1',
    );
    expect(() => ipamPools({ ...none, subnets: ['10.0.0.0/24', '10.0.0.0/25'] })).toThrow(
      'multiple overlapping subnet configuration',
    );
  });
});

describe('the environment', () => {
  it('takes values from ours where none is given', () => {
    expect(envOf('A=1', {})).toBe('A=1');
    expect(envOf('HOME', { HOME: '/root' })).toBe('HOME=/root');
    expect(envOf('NOPE', {})).toBe('NOPE');
    expect(() => envOf('', {})).toThrow('invalid environment variable: ');
  });

  it('gets proxies unless the user said something about the variable', () => {
    expect(withProxies(['NO_PROXY=mine'], { HTTP_PROXY: 'p', NO_PROXY: 'x' })).toEqual([
      'NO_PROXY=mine',
      'HTTP_PROXY=p',
    ]);
  });
});

describe('single values', () => {
  it('devices', () => {
    expect(parseDevice('/dev/a')).toEqual({
      PathOnHost: '/dev/a',
      PathInContainer: '/dev/a',
      CgroupPermissions: 'rwm',
    });
    expect(parseDevice('/dev/a:/dev/b:r')).toMatchObject({
      PathInContainer: '/dev/b',
      CgroupPermissions: 'r',
    });
    expect(parseDevice('/dev/a:rw')).toMatchObject({ PathInContainer: '/dev/a', CgroupPermissions: 'rw' });
    expect(isCdiName('vendor.com/class=name')).toBe(true);
    expect(isCdiName('/dev/a')).toBe(false);
    expect(parseByteRate('/dev/sda:1mb')).toEqual({ Path: '/dev/sda', Rate: 1048576 });
    expect(parseGpus('all')).toMatchObject({ Count: -1, Capabilities: [['gpu']] });
  });

  it('capabilities are upper case, with a prefix, sorted', () => {
    expect(capabilitiesOf(['net_admin', 'CAP_SYS_TIME'], ['all'])).toEqual({
      add: ['CAP_NET_ADMIN', 'CAP_SYS_TIME'],
      drop: ['ALL'],
    });
    expect(capabilitiesOf([], [])).toEqual({ add: null, drop: null });
  });

  it('processors, hosts, restarts, sysctls', () => {
    expect(parseCpus('1.5')).toBe(1500000000);
    expect(() => parseCpus('x')).toThrow('failed to parse x as a rational number');
    expect(parseExtraHost('a=[::1]')).toBe('a:::1');
    expect(parseExtraHost('h:host-gateway')).toBe('h:host-gateway');
    expect(() => parseExtraHost('a:x')).toThrow('invalid IP address in add-host: "x"');
    expect(parseRestart('on-failure:3')).toEqual({ Name: 'on-failure', MaximumRetryCount: 3 });
    expect(() => parseRestart('on-failure:x')).toThrow('maximum retry count must be an integer');
    expect(parseSysctl('net.a=1')).toBe('net.a=1');
    expect(() => parseSysctl('kernel.panic=1')).toThrow("sysctl 'kernel.panic=1' is not allowed");
  });

  it('fields with commas in quotes', () => {
    expect(csvFields('a=1,"b=2,3",c')).toEqual(['a=1', 'b=2,3', 'c']);
    expect(csvFields('"x ""y"""')).toEqual(['x "y"']);
  });

  it('health checks', () => {
    const flags = {
      healthCmd: '',
      healthInterval: 0,
      healthRetries: 0,
      healthStartInterval: 0,
      healthStartPeriod: 0,
      healthTimeout: 0,
      noHealthcheck: false,
    };
    expect(healthcheckOf(flags)).toBeUndefined();
    expect(healthcheckOf({ ...flags, noHealthcheck: true })).toEqual({ Test: ['NONE'] });
    expect(healthcheckOf({ ...flags, healthCmd: 'true', healthRetries: 3 })).toEqual({
      Test: ['CMD-SHELL', 'true'],
      Retries: 3,
    });
    expect(() => healthcheckOf({ ...flags, noHealthcheck: true, healthCmd: 'x' })).toThrow(
      '--no-healthcheck conflicts',
    );
    expect(() => healthcheckOf({ ...flags, healthTimeout: -1 })).toThrow(
      '--health-timeout cannot be negative',
    );
  });
});
