import { expect, test } from 'vitest';
import { sysctlFile } from './sysctl.ts';

test.for([
  ['net.ipv4.ip_forward', '/proc/sys/net/ipv4/ip_forward'],
  ['net/ipv4/ip_forward', '/proc/sys/net/ipv4/ip_forward'],
  ['net/ipv4/conf/eth0.100/forwarding', '/proc/sys/net/ipv4/conf/eth0.100/forwarding'],
  ['net.ipv4.conf.eth0/100.forwarding', '/proc/sys/net/ipv4/conf/eth0.100/forwarding'],
] as const)('%s is %s', ([key, path]) => {
  expect(sysctlFile(key)).toBe(path);
});

test.for([
  'kernel.pid_max',
  'net',
  '',
  '../net/x',
  'net/../kernel/x',
  'net..x',
  'net.ipv4.//.x',
  '/etc/passwd',
])('"%s" is refused', (key) => {
  expect(() => sysctlFile(key)).toThrow('not one of a network namespace');
});
