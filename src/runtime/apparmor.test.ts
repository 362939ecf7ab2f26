import { expect, it } from 'vitest';
import { profileNamed, profileText } from './apparmor.ts';

it.each([
  ['unconfined\n', 'unconfined'],
  ['seawayd (enforce)\n', 'seawayd'],
  ['/usr/bin/seawayd (complain)\n\0', '/usr/bin/seawayd'],
  ['', 'unconfined'],
  ['a"b (enforce)', 'a'],
])('%j is the profile %s', (current, expected) => {
  expect(profileNamed(current)).toBe(expected);
});

it('includes only files that are there', () => {
  const facts = { engine: 'unconfined', hasTunables: true, hasBase: true };
  expect(profileText(facts)).toMatch(/#include <tunables\/global>[\s\S]*#include <abstractions\/base>/);
  const bare = profileText({ ...facts, hasTunables: false, hasBase: false });
  expect(bare).not.toContain('#include');
  expect(bare).toContain('@{PROC}=/proc/\n');
});

it('lets the engine send signals', () => {
  const text = profileText({ engine: 'seawayd', hasTunables: true, hasBase: true });
  expect(text).toContain('signal (receive) peer="seawayd",');
});
