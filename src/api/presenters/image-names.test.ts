import { describe, expect, it } from 'vitest';
import { busybox, hex } from '../../../test/api/records.ts';
import { familiarName, imageRefersTo } from './image-names.ts';

describe('the familiar name of an image', () => {
  it.each([
    ['busybox', 'busybox:latest'],
    ['busybox:1.36', 'busybox:1.36'],
    ['docker.io/library/busybox', 'busybox:latest'],
    ['index.docker.io/library/busybox:1', 'busybox:1'],
    ['library/busybox', 'busybox:latest'],
    ['docker.io/me/app', 'me/app:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['localhost:5000/app:2', 'localhost:5000/app:2'],
    ['example.org/library/app', 'example.org/library/app:latest'],
    [`busybox@sha256:${hex('d')}`, `busybox@sha256:${hex('d')}`],
    ['mydocker.io/app', 'mydocker.io/app:latest'],
  ])('of %s is %s', (reference, expected) => {
    expect(familiarName(reference)).toBe(expected);
  });
});

describe('an image', () => {
  const image = { ...busybox, tags: ['busybox:latest', 'me/app:2'], digests: [`busybox@sha256:${hex('d')}`] };

  it.each([
    'busybox',
    'busybox:latest',
    'docker.io/library/busybox',
    'me/app:2',
    `busybox@sha256:${hex('d')}`,
    hex('b'),
    `sha256:${hex('b')}`,
    'bbb',
    'sha256:bbbb',
  ])('is meant by %s', (reference) => {
    expect(imageRefersTo(image, reference)).toBe(true);
  });

  it.each([
    'busybox:1',
    'me/app',
    'bb',
    'sha256:bb',
    'bbbc',
    'BBB',
    `${hex('b')}b`,
    `busybox@sha256:${hex('e')}`,
    'busy',
    '',
  ])('is not meant by "%s"', (reference) => {
    expect(imageRefersTo(image, reference)).toBe(false);
  });
});
