import { describe, expect, it, vi } from 'vitest';
import { chooseHost, defaultHost, parseAddress } from './address.ts';
import { filtersQuery } from './client.ts';
import { parseJson } from './json.ts';

describe('the engine’s address', () => {
  it('is the first that is given', () => {
    expect(chooseHost('unix:///f', { SEAWAY_HOST: 'a', DOCKER_HOST: 'b' })).toBe('unix:///f');
    expect(chooseHost(undefined, { SEAWAY_HOST: 'a', DOCKER_HOST: 'b' })).toBe('a');
    expect(chooseHost('', { DOCKER_HOST: 'b' })).toBe('b');
    expect(chooseHost(undefined, {})).toBe(defaultHost);
  });

  it('is a socket or a host with a port', () => {
    expect(parseAddress('unix:///run/x.sock', false)).toMatchObject({ kind: 'unix', path: '/run/x.sock' });
    expect(parseAddress('tcp://h:1/base/', false)).toMatchObject({ host: 'h', port: 1, base: '/base' });
    expect(parseAddress('tcp://[::1]', true)).toMatchObject({ host: '::1', port: 2376 });
    expect(parseAddress(':5555', false)).toMatchObject({ host: 'localhost', port: 5555 });
    expect(() => parseAddress('ssh://h', false)).toThrow('unable to parse docker host "ssh://h"');
  });
});

describe('JSON', () => {
  it('keeps integers that a double cannot hold', () => {
    expect(parseJson('[9223372036854771712, 1, 1.5]')).toEqual([9223372036854771712n, 1, 1.5]);
  });

  it('is read where a reviver is not told the source, as in Node.js 20', () => {
    const { parse } = JSON;
    const old = vi
      .spyOn(JSON, 'parse')
      .mockImplementation((text, reviver) =>
        parse(text, (key, value: unknown) => reviver?.call({}, key, value)),
      );
    expect(parseJson('{"a":[1,9007199254740993]}')).toEqual({ a: [1, 9007199254740992] });
    old.mockRestore();
  });
});

describe('filters', () => {
  it('are the API’s, and absent when there are none', () => {
    expect(filtersQuery({})).toBeUndefined();
    expect(filtersQuery({ name: ['a', 'b'] })).toBe('{"name":{"a":true,"b":true}}');
  });
});
