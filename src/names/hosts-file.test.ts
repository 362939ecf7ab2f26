import { describe, expect, it } from 'vitest';
import { hostnameFile, hostsFile, hostsFileOfHost } from './hosts-file.ts';

// What Docker 20.10 writes, byte for byte.
const base =
  '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n' +
  'ff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n';
const plain = { hostname: '3cf3c061f239', domainname: '', addresses: [], extraHosts: [], links: [] };

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
        { address: '172.17.0.2', alias: 'mydb', shortId: 'e7d1bc335eb1', name: 'db' },
        { address: '172.17.0.2', alias: 'db', shortId: 'e7d1bc335eb1', name: 'db' },
      ],
    });
    expect(file).toBe(
      `${base}1.2.3.4\tx\n::1\ty\n172.17.0.2\tmydb e7d1bc335eb1 db\n172.17.0.2\tdb e7d1bc335eb1\n172.17.0.3\tfoo.bar.com foo\n`,
    );
  });

  it('has only what every container has without addresses', () => {
    expect(hostsFile(plain)).toBe(base);
  });

  it('is the host’s own in the host’s namespace, unless hosts are added', () => {
    expect(hostsFileOfHost('127.0.0.1 localhost\n127.0.0.1 vm\n', [])).toBe(
      '127.0.0.1 localhost\n127.0.0.1 vm\n',
    );
    expect(hostsFileOfHost('127.0.0.1 vm\n', [{ address: '1.2.3.4', names: ['a'] }])).toBe(
      `${base}1.2.3.4\ta\n`,
    );
  });
});

it('/etc/hostname is the hostname alone', () => {
  expect(hostnameFile('box')).toBe('box\n');
});
