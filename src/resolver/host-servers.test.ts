import { expect, it } from 'vitest';
import { serversOf } from './host-servers.ts';

it('a single server is given four seconds, each of several two', () => {
  expect(serversOf(['10.0.0.1'])).toMatchObject({ timeout: 4000, attempts: 2 });
  expect(serversOf(['10.0.0.1', '10.0.0.2'])).toMatchObject({ timeout: 2000, attempts: 2 });
});

it('options are respected within what a waiting asker can use', () => {
  expect(serversOf(['a'], ['timeout:1', 'attempts:1'])).toMatchObject({ timeout: 1000, attempts: 1 });
  expect(serversOf(['a'], ['timeout:60', 'attempts:9'])).toMatchObject({ timeout: 5000, attempts: 3 });
  expect(serversOf(['a'], ['timeout:0', 'attempts:0'])).toMatchObject({ timeout: 1000, attempts: 1 });
});

it('no more than three servers are used, and only addresses', () => {
  const servers = ['a', '192.0.2.1', '', 'fe80::1%eth0', '192.0.2.2', '192.0.2.3'];
  expect(serversOf(servers).addresses).toEqual(['192.0.2.1', 'fe80::1%eth0', '192.0.2.2']);
});
