import { expect, it } from 'vitest';
import { parseSessionTimes, parseSource } from './source.ts';

it.each([
  ['etcd://192.0.2.1:2379', { store: 'etcd', addresses: [{ host: '192.0.2.1', port: 2379 }], prefix: '' }],
  [
    'etcd://a:1,b:2,[2001:db8::1]:3/some/prefix/',
    {
      store: 'etcd',
      addresses: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
        { host: '2001:db8::1', port: 3 },
      ],
      prefix: 'some/prefix',
    },
  ],
  ['consul://c', { store: 'consul', addresses: [{ host: 'c', port: 8500 }], prefix: '' }],
  [
    ' zk://z,[::1]/p ',
    {
      store: 'zk',
      addresses: [
        { host: 'z', port: 2181 },
        { host: '::1', port: 2181 },
      ],
      prefix: 'p',
    },
  ],
])('%s', (url, source) => {
  expect(parseSource(url)).toEqual(source);
});

// the first and the third are dockerd 20.10's words
it.each([
  ['etcd:/x', 'kv store daemon config must be of the form KV-PROVIDER://KV-URL'],
  ['etcd://', 'kv store daemon config must be of the form KV-PROVIDER://KV-URL'],
  ['foo://x:1', 'discovery initialization failed (discovery service not supported)'],
  ['consul://a:1/p://x', 'kv store daemon config must be of the form KV-PROVIDER://KV-URL'],
  ['zk://a:0', 'kv store daemon config: "a:0" is no address of the form HOST:PORT'],
  ['zk://a:65536', 'kv store daemon config: "a:65536" is no address of the form HOST:PORT'],
  ['etcd://a,,b', 'kv store daemon config: "" is no address of the form HOST:PORT'],
  ['etcd://user@a', 'kv store daemon config: "user@a" is no address of the form HOST:PORT'],
  ['etcd://::1', 'kv store daemon config: "::1" is no address of the form HOST:PORT'],
  ['etcd://a/x/../y', 'kv store daemon config: "/x/../y" cannot be a prefix of keys'],
  ['etcd://a/=x', 'kv store daemon config: "/=x" cannot be a prefix of keys'],
])('%s is refused', (url, message) => {
  expect(() => parseSource(url)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message }));
});

it('takes the three files of TLS, or none', () => {
  const options = { 'kv.cacertfile': '/ca', 'kv.certfile': '/cert', 'kv.keyfile': '/key' };
  expect(parseSource('etcd://a', options).tls).toEqual({ ca: '/ca', cert: '/cert', key: '/key' });
  expect(parseSource('etcd://a', { 'discovery.ttl': '60' }).tls).toBeUndefined();
  expect(() => parseSource('etcd://a', { 'kv.certfile': '/cert' })).toThrow(/must be given together/);
});

it.each([
  [{}, { heartbeat: 20, ttl: 60 }],
  [{ 'discovery.heartbeat': '5' }, { heartbeat: 5, ttl: 15 }],
  [{ 'discovery.ttl': '30' }, { heartbeat: 10, ttl: 30 }],
  [
    { 'discovery.heartbeat': '5', 'discovery.ttl': '6' },
    { heartbeat: 5, ttl: 6 },
  ],
])('times of %j', (options, times) => {
  expect(parseSessionTimes(options)).toEqual(times);
});

// dockerd 20.10's words
it.each([
  [
    { 'discovery.heartbeat': '5', 'discovery.ttl': '5' },
    'discovery.ttl timer must be greater than discovery.heartbeat',
  ],
  [{ 'discovery.heartbeat': '0' }, 'discovery.heartbeat must be positive'],
  [{ 'discovery.heartbeat': 'x' }, 'strconv.Atoi: parsing "x": invalid syntax'],
])('times of %j are refused', (options, why) => {
  expect(() => parseSessionTimes(options)).toThrow(`discovery initialization failed (${why})`);
});

it.each([
  ['kv.path', 'keys are below the prefix of --cluster-store'],
  ['kv.cacertfle', 'there are kv.cacertfile, kv.certfile, kv.keyfile, discovery.heartbeat, discovery.ttl'],
])('the option %s is refused by name', (name, why) => {
  expect(() => parseSource('etcd://a', { [name]: 'x' })).toThrow(
    `cluster-store-opt ${name} is not supported: ${why}`,
  );
});
