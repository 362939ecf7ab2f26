import { expect, it } from 'vitest';
import { publishLabel, withLabelled } from './port-labels.ts';

const read = (text: string) => withLabelled({}, { [publishLabel]: text });

it.each([
  ['eth0:8080:80', { '80/tcp': [{ HostIp: 'eth0', HostPort: '8080' }] }],
  [
    'eth0:8080:80, wg0:8080:80',
    {
      '80/tcp': [
        { HostIp: 'eth0', HostPort: '8080' },
        { HostIp: 'wg0', HostPort: '8080' },
      ],
    },
  ],
  ['eth0::53/udp', { '53/udp': [{ HostIp: 'eth0', HostPort: '' }] }],
  ['[::1]:8080:80', { '80/tcp': [{ HostIp: '[::1]', HostPort: '8080' }] }],
  ['8080:80', { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }],
  ['eth0:8000-8009:80', { '80/tcp': [{ HostIp: 'eth0', HostPort: '8000-8009' }] }],
  [
    'eth0:8000-8001:80-81',
    {
      '80/tcp': [{ HostIp: 'eth0', HostPort: '8000' }],
      '81/tcp': [{ HostIp: 'eth0', HostPort: '8001' }],
    },
  ],
])('the label %j asks for %j', (text, bindings) => {
  expect(read(text)).toEqual(bindings);
});

it('adds to what was asked for otherwise', () => {
  const asked = { '80/tcp': [{ HostPort: '80' }] };
  expect(withLabelled(asked, { [publishLabel]: 'eth0:8080:80' })['80/tcp']).toHaveLength(2);
  expect(withLabelled(asked, {})).toBe(asked);
});

it.each([
  '',
  '80',
  'eth0:80',
  'eth0:1-2:80-82',
  'eth0:x:80',
  'a:b:80:80',
  'eth0:8080:80/icmp',
  'eth0:8080:80,',
])('refuses the label %j', (text) => {
  expect(() => read(text)).toThrow(/invalid/);
});
