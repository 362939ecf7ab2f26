import { expect, it } from 'vitest';
import { ownPlatform, parsePlatform } from './platform.ts';

const own = ownPlatform();

it.each([
  ['', own],
  ['linux', own],
  ['LINUX', own],
  ['linux(1.2)', own],
  ['macos', { ...own, os: 'darwin' }],
  ['arm64', { os: 'linux', architecture: 'arm64', variant: '' }],
  ['aarch64', { os: 'linux', architecture: 'arm64', variant: '' }],
  ['linux/arm/v7', { os: 'linux', architecture: 'arm', variant: 'v7' }],
  ['a/b/c', { os: 'a', architecture: 'b', variant: 'c' }],
])('%j is a platform', (text, platform) => {
  expect(parsePlatform(text)).toEqual(platform);
});

it.each([
  ['nintendo64', '"nintendo64": unknown operating system or architecture: invalid argument'],
  ['linux/arm64/v8/x', '"linux/arm64/v8/x": cannot parse platform specifier: invalid argument'],
  [
    '/',
    '"" is an invalid OS component of "/": OSAndVersion specifier component must match "^([A-Za-z0-9_-]+)(?:\\\\(([A-Za-z0-9_.%-]*)((?:\\\\+[A-Za-z0-9_.%-]+)*)\\\\))?$": invalid argument',
  ],
  [
    'linux/a b',
    '"a b" is an invalid component of "linux/a b": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument',
  ],
])('%j is refused in the words of containerd', (text, why) => {
  expect(() => parsePlatform(text)).toThrow(why);
});
