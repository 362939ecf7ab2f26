import { expect, it } from 'vitest';
import { newSecret, sealBy } from './sealing.ts';
import { digestOf, isSame, newToken, newUnlockKey, readToken, readUnlockKey } from './tokens.ts';

it('a sealed value opens with its key and at its place only', () => {
  const seal = sealBy(newSecret());
  const sealed = seal.close('objects/nodes/a', 'text äöü');
  expect(sealed).not.toContain('text');
  expect(seal.open('objects/nodes/a', sealed)).toBe('text äöü');
  expect(() => seal.open('objects/nodes/b', sealed)).toThrow('objects/nodes/b');
  expect(() => sealBy(newSecret()).open('objects/nodes/a', sealed)).toThrow('cannot be opened');
  const bytes = Buffer.from(sealed, 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  expect(() => seal.open('objects/nodes/a', bytes.toString('base64'))).toThrow('cannot be opened');
  expect(() => seal.open('objects/nodes/a', '')).toThrow('cannot be opened');
});

it('tokens carry the digest of the root CA, and are as those of Docker', () => {
  const token = newToken('pem\n');
  expect(token).toMatch(/^SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}$/);
  expect(readToken(token)?.digest).toBe(digestOf('pem'));
  expect(digestOf('pem')).not.toBe(digestOf('other'));
  for (const wrong of ['', 'SWMTKN-1-x-y', `${token}x`, token.replace('-1-', '-2-')])
    expect(readToken(wrong)).toBeUndefined();
  expect([isSame(token, token), isSame(token, newToken('pem'))]).toEqual([true, false]);
});

it('an unlock key is 32 bytes in base64', () => {
  const key = newUnlockKey();
  expect(key).toMatch(/^SWMKEY-1-[A-Za-z0-9+/]{43}$/);
  expect(readUnlockKey(key)).toHaveLength(32);
  expect([readUnlockKey('SWMKEY-1-short'), readUnlockKey(key.slice(9))]).toEqual([undefined, undefined]);
});
