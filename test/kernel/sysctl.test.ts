import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openRig, uplink } from './rig.ts';

const rig = openRig();
const kernel = rig.kernel();
const { host } = kernel;
const shown = (key: string): string => rig.run('host', 'sysctl', '-n', key).trim();

test('a sysctl is set in its own namespace and in no other', () => {
  const ours = readFileSync('/proc/sys/net/ipv4/ip_default_ttl', 'utf8');
  host.writeSysctl('net.ipv4.ip_default_ttl', '77');
  expect(shown('net.ipv4.ip_default_ttl')).toBe('77');
  expect(host.readSysctl('net/ipv4/ip_default_ttl')).toBe('77');
  expect(readFileSync('/proc/sys/net/ipv4/ip_default_ttl', 'utf8')).toBe(ours);
  expect(rig.run('outside', 'sysctl', '-n', 'net.ipv4.ip_default_ttl').trim()).not.toBe('77');
});

test('a key with a dot in a link name is written with slashes', () => {
  host.route.createLink({ type: 'bridge', name: 'br.100' });
  host.writeSysctl('net/ipv4/conf/br.100/route_localnet', '1');
  expect(host.readSysctl('net.ipv4.conf.br/100.route_localnet')).toBe('1');
  expect(rig.run('host', 'cat', '/proc/sys/net/ipv4/conf/br.100/route_localnet').trim()).toBe('1');
});

test('a link that is made later has its sysctls at once', () => {
  expect(host.readSysctl('net.ipv4.conf.br-late.forwarding')).toBeUndefined();
  host.route.createLink({ type: 'bridge', name: 'br-late' });
  expect(host.readSysctl('net.ipv4.conf.br-late.forwarding')).toBe('0');
});

test('what differs only in white space is not written', () => {
  const value = host.readSysctl('net.ipv4.ip_local_port_range') ?? '';
  host.writeSysctl('net.ipv4.ip_local_port_range', value.replace('\t', ' '));
  expect(host.readSysctl('net.ipv4.ip_local_port_range')).toBe(value);
});

test('an equal value is not written again', () => {
  // a sysctl that cannot be written at all is the proof
  const value = host.readSysctl('net.netfilter.nf_conntrack_count') ?? '0';
  host.writeSysctl('net.netfilter.nf_conntrack_count', value);
  expect(() => host.writeSysctl('net.netfilter.nf_conntrack_count', '999')).toThrow(
    /sysctl net.netfilter.nf_conntrack_count/,
  );
});

test('what is no sysctl, or none of a network namespace, is told', () => {
  expect(host.readSysctl('net.ipv4.no_such_thing')).toBeUndefined();
  expect(() => host.writeSysctl('net.ipv4.no_such_thing', '1')).toThrow(
    'set sysctl net.ipv4.no_such_thing to "1": there is no such sysctl',
  );
  expect(() => host.writeSysctl('net.ipv4.ip_forward', 'many')).toThrow(
    /set sysctl net.ipv4.ip_forward to "many": EINVAL/,
  );
  expect(() => host.readSysctl('kernel.pid_max')).toThrow(/not one of a network namespace/);
  expect(() => host.readSysctl('net/../kernel/pid_max')).toThrow(/not one of a network namespace/);
  expect(host.readSysctl(`net.ipv4.conf.${uplink.name}.forwarding`)).toBe('0');
});
