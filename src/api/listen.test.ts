import { expect, test } from 'vitest';
import { groupId, listenAddresses, parseHost } from './listen.ts';

test('unix and loopback addresses are accepted', () => {
  expect(parseHost('unix:///run/x.sock')).toEqual({ kind: 'unix', path: '/run/x.sock' });
  expect(parseHost('tcp://127.0.0.1:2375')).toEqual({ kind: 'tcp', host: '127.0.0.1', port: 2375 });
  expect(parseHost('tcp://[::1]:2375')).toEqual({ kind: 'tcp', host: '::1', port: 2375 });
});

test('what would be open to the network is refused', () => {
  for (const host of ['tcp://0.0.0.0:2375', 'tcp://:2375', 'tcp://192.0.2.1:2375']) {
    expect(() => parseHost(host)).toThrow('without TLS');
  }
});

test('what is no address is refused', () => {
  for (const host of ['unix://run/x', 'fd://', 'tcp://127.0.0.1']) {
    expect(() => parseHost(host)).toThrow('invalid bind address');
  }
});

test('a group is found by name or number', () => {
  const table = 'root:x:0:\ndocker:x:998:me\n';
  expect([groupId('docker', table), groupId('12', table), groupId('none', table)]).toEqual([
    998,
    12,
    undefined,
  ]);
});

test('fd:// means the sockets that were handed over, all or one of them', () => {
  const [third, fourth] = [3, 4].map((fd) => ({ kind: 'descriptor', fd }));
  expect(listenAddresses('fd://', [3, 4])).toEqual([third, fourth]);
  expect(listenAddresses('fd://4', [3, 4])).toEqual([fourth]);
  expect(() => listenAddresses('fd://5', [3, 4])).toThrow('fd://5');
  expect(() => listenAddresses('fd://', [])).toThrow('no sockets found via socket activation');
  expect(listenAddresses('unix:///run/x.sock', [3])).toEqual([{ kind: 'unix', path: '/run/x.sock' }]);
});
