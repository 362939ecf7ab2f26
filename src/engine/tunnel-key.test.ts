import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tunnelKey } from './tunnel-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'seaway-key-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the key of a host', () => {
  it('is made once, and read by root alone', () => {
    const path = join(folder, 'made');
    const made = tunnelKey(path);
    expect(Buffer.from(made.public, 'base64').length).toBe(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(tunnelKey(path)).toEqual(made);
  });

  it('has the public key that follows from it (RFC 7748, 6.1)', () => {
    const path = join(folder, 'known');
    const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
    const other = base64('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
    writeFileSync(path, other);
    expect(tunnelKey(path)).toEqual({
      private: other,
      public: base64('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'),
    });
  });

  it('is refused where the file is another', () => {
    const path = join(folder, 'bad');
    writeFileSync(path, 'abc\n');
    expect(() => tunnelKey(path)).toThrow('no key of 32 bytes');
  });
});
