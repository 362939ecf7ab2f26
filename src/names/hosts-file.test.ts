import { describe, expect, it } from 'vitest';
import { hostnameFile, hostsFile, hostsFileOfHost } from './hosts-file.ts';

// What Docker 28.5 writes, byte for byte.
const base =
  '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\n' +
  'ff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n';
const plain = {
  hostname: '3cf3c061f239',
  domainname: '',
  addresses: [],
  extraHosts: [],
  links: [],
  hostNames: {},
};
const desktop = {
  'host.docker.internal': ['172.17.0.1', 'fd17::1'],
  'gateway.docker.internal': ['172.17.0.9', 'fd17::1'],
};

describe('/etc/hosts', () => {
  it('has a line for each address of the container', () => {
    expect(hostsFile({ ...plain, addresses: ['172.18.0.2', 'fd00:77::2'] })).toBe(
      `${base}172.18.0.2\t3cf3c061f239\nfd00:77::2\t3cf3c061f239\n`,
    );
  });

  it('splits a full name that was given as hostname', () => {
    expect(hostsFile({ ...plain, hostname: 'box.rayx.me', addresses: ['172.18.0.3'] })).toBe(
      `${base}172.18.0.3\tbox.rayx.me box\n`,
    );
  });

  it('has added hosts, then links, then the container itself', () => {
    const file = hostsFile({
      hostname: 'foo',
      domainname: 'bar.com',
      addresses: ['172.17.0.3'],
      extraHosts: [
        { address: '1.2.3.4', names: ['x'] },
        { address: '::1', names: ['y'] },
      ],
      links: [
        { address: '172.17.0.2', alias: 'mydb', hostname: 'e7d1bc335eb1', name: 'db' },
        { address: '172.17.0.2', alias: 'db', hostname: 'e7d1bc335eb1', name: 'db' },
      ],
      hostNames: {},
    });
    expect(file).toBe(
      `${base}1.2.3.4\tx\n::1\ty\n172.17.0.2\tmydb e7d1bc335eb1 db\n172.17.0.2\tdb e7d1bc335eb1\n172.17.0.3\tfoo.bar.com foo\n`,
    );
  });

  it('has no IPv6 where the container has none', () => {
    const extraHosts = [
      { address: '::5', names: ['x'] },
      { address: '192.0.2.1', names: ['x'] },
    ];
    expect(hostsFile({ ...plain, extraHosts, addresses: ['172.18.0.2', 'fd00::2'], ipv6: false })).toBe(
      '127.0.0.1\tlocalhost\n192.0.2.1\tx\n172.18.0.2\t3cf3c061f239\n',
    );
  });

  it('has only what every container has without addresses', () => {
    expect(hostsFile(plain)).toBe(base);
  });

  it('ends with the names of the host, except those that are given to something else', () => {
    expect(hostsFile({ ...plain, addresses: ['172.17.0.2'], hostNames: desktop })).toBe(
      `${base}172.17.0.2\t3cf3c061f239\n172.17.0.1\thost.docker.internal\n` +
        'fd17::1\thost.docker.internal gateway.docker.internal\n172.17.0.9\tgateway.docker.internal\n',
    );
    const extraHosts = [{ address: '9.9.9.9', names: ['host.docker.internal'] }];
    expect(hostsFile({ ...plain, extraHosts, hostNames: desktop })).toBe(
      `${base}9.9.9.9\thost.docker.internal\n172.17.0.9\tgateway.docker.internal\nfd17::1\tgateway.docker.internal\n`,
    );
  });
});

describe('/etc/hosts in the host’s namespace', () => {
  const own = '127.0.0.1 localhost\n127.0.0.1 vm\n';

  it('is the host’s own, unless hosts are added', () => {
    expect(hostsFileOfHost(own, { extraHosts: [], hostNames: {} })).toBe(own);
    expect(hostsFileOfHost(own, { extraHosts: [{ address: '1.2.3.4', names: ['a'] }], hostNames: {} })).toBe(
      `${base}1.2.3.4\ta\n`,
    );
  });

  it('ends with the names of the host that are not in it', () => {
    const hostNames = { 'host.docker.internal': ['127.0.0.1'], 'gateway.docker.internal': ['127.0.0.1'] };
    expect(hostsFileOfHost(own, { extraHosts: [], hostNames })).toBe(
      `${own}127.0.0.1\thost.docker.internal gateway.docker.internal\n`,
    );
    expect(hostsFileOfHost('10.0.0.1 host.docker.internal', { extraHosts: [], hostNames })).toBe(
      '10.0.0.1 host.docker.internal\n127.0.0.1\tgateway.docker.internal\n',
    );
  });
});

it('/etc/hostname is the hostname alone', () => {
  expect(hostnameFile('box')).toBe('box\n');
});
