import { describe, expect, it } from 'vitest';
import { isLinkName, isMatchableLinkName } from './link-name.ts';

describe('the name of a link', () => {
  it.each(['a', '...', 'eth0.10', 'x'.repeat(15), 'ünder', 'br+app', '-br', '*', 'a"b', '$(id)'])(
    'may be "%s" to the kernel',
    (name) => {
      expect(isLinkName(name)).toBe(true);
    },
  );

  it.each([
    '',
    '.',
    '..',
    'a b',
    'a/b',
    'a:b',
    'a%d',
    'all',
    'default',
    'à',
    'x'.repeat(16),
    'ü'.repeat(8),
    'a\n',
  ])('is not "%s"', (name) => {
    expect([isLinkName(name), isMatchableLinkName(name)]).toEqual([false, false]);
  });
});

describe('a link that rules can name', () => {
  it.each(['br-app', 'docker0', 'eth0.10', '_a', 'a=b', 'veth@x'])('may be "%s"', (name) => {
    expect(isMatchableLinkName(name)).toBe(true);
  });

  it.each([
    'a+b',
    'a+',
    '--help',
    '-br',
    'a,b',
    '$(id)',
    'a"b',
    "a'b",
    'a\\b',
    'é',
    '*',
    'a*',
    '!x',
    'br!x',
    'a;b',
  ])('is not "%s"', (name) => {
    expect(isMatchableLinkName(name)).toBe(false);
  });
});
