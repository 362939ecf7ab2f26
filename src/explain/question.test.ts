import { expect, test } from 'vitest';
import { readQuestion, targetText } from './question.ts';

test.each([
  ['db', { name: 'db', protocol: 'icmp' }],
  ['db:5432', { name: 'db', port: 5432, protocol: 'tcp' }],
  ['db:53/udp', { name: 'db', port: 53, protocol: 'udp' }],
  ['10.0.0.1:80/tcp', { name: '10.0.0.1', port: 80, protocol: 'tcp' }],
  ['fd00::2', { name: 'fd00::2', protocol: 'icmp' }],
  ['[fd00::2]:80', { name: 'fd00::2', port: 80, protocol: 'tcp' }],
  ['[fd00::2]', { name: 'fd00::2', protocol: 'icmp' }],
  ['outside', { name: 'outside', protocol: 'icmp' }],
  ['outside:192.0.2.1:443', { name: 'outside:192.0.2.1', port: 443, protocol: 'tcp' }],
  ['outside:[2001:db8::1]:53/udp', { name: 'outside:2001:db8::1', port: 53, protocol: 'udp' }],
  ['outside:2001:db8::1', { name: 'outside:2001:db8::1', protocol: 'icmp' }],
  ['example.com:443', { name: 'example.com', port: 443, protocol: 'tcp' }],
])('%s is read', (text, target) => {
  expect(readQuestion('web', text).to).toEqual(target);
});

test.each(['', ':80', 'db:0', 'db:65536', 'db:http', 'db:80/sctp', 'db/udp', 'outside:nobody', 'db:'])(
  '"%s" is refused',
  (text) => {
    expect(() => readQuestion('web', text)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  },
);

test('FROM is a name, with or without slash, or an address', () => {
  expect(readQuestion('/web', 'db').from).toBe('web');
  expect(readQuestion('outside:[2001:db8::1]', 'db').from).toBe('outside:2001:db8::1');
  expect(() => readQuestion(' ', 'db')).toThrow('FROM is missing');
});

test('a target is written as it is read', () => {
  for (const text of ['db', 'db:5432', 'db:53/udp', '[fd00::2]:80', 'outside:192.0.2.1:443'])
    expect(targetText(readQuestion('web', text).to)).toBe(text);
});
