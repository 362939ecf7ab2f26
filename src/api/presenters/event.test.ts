import { describe, expect, it } from 'vitest';
import { presentEvent } from './event.ts';
import { exactInteger } from './exact-integer.ts';
import { presentVolume } from './volume.ts';

const event = (type: 'container' | 'image' | 'network', attributes: Readonly<Record<string, string>> = {}) =>
  presentEvent({ type, action: 'start', id: 'abc', attributes, time: 1_700_000_001_234_567_890n });

describe('an event', () => {
  it('says what happened to whom, and when', () => {
    expect(event('network', { type: 'bridge', name: 'net' })).toEqual({
      Type: 'network',
      Action: 'start',
      Actor: { ID: 'abc', Attributes: { name: 'net', type: 'bridge' } },
      scope: 'local',
      time: 1_700_000_001,
      timeNano: Number(1_700_000_001_234_567_890n),
    });
  });

  it('has its attributes in the order of their names', () => {
    expect(JSON.stringify(event('network', { b: '1', a: '2', C: '3' }))).toContain(
      '{"C":"3","a":"2","b":"1"}',
    );
  });

  it('has the old fields too where it is a container’s or an image’s', () => {
    expect(event('container', { image: 'busybox' })).toMatchObject({
      status: 'start',
      id: 'abc',
      from: 'busybox',
    });
    expect(event('container')).not.toHaveProperty('from');
    expect(event('image', { image: 'x' })).toMatchObject({ status: 'start', id: 'abc' });
    expect(event('image', { image: 'x' })).not.toHaveProperty('from');
    expect(event('network')).not.toHaveProperty('status');
  });
});

describe('a volume', () => {
  const volume = {
    name: 'data',
    driver: 'local',
    created: '2026-01-02T03:04:05.123456789Z',
    labels: {},
    options: {},
    mountpoint: '/v/data/_data',
    anonymous: false,
  };

  it('has null for what it does not have, and the second of its making', () => {
    expect(presentVolume(volume)).toEqual({
      CreatedAt: '2026-01-02T03:04:05Z',
      Driver: 'local',
      Labels: null,
      Mountpoint: '/v/data/_data',
      Name: 'data',
      Options: null,
      Scope: 'local',
    });
  });

  it('has its labels and options, and its usage where that was counted', () => {
    const full = { ...volume, labels: { a: 'b' }, options: { type: 'tmpfs' } };
    expect(presentVolume(full, { usage: { refCount: 2, size: 7 } })).toMatchObject({
      Labels: { a: 'b' },
      Options: { type: 'tmpfs' },
      UsageData: { RefCount: 2, Size: 7 },
    });
  });
});

describe('a whole number of many digits', () => {
  it.each([
    [0n, '0'],
    [9007199254740993n, '9007199254740993'],
    [2n ** 64n - 1n, '18446744073709551615'],
    [2n ** 64n, '18446744073709551615'],
    [2n ** 128n, '18446744073709551615'],
  ])('%s is %s in JSON', (value, expected) => {
    expect(JSON.stringify({ value: exactInteger(value) })).toBe(`{"value":${expected}}`);
  });
});
