/** Seals of texts that containers could change: by a key of this host, so that they cannot seal others. */
import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeWholeSync } from '../files/write-whole.ts';
import { hasErrno } from '../system-error.ts';

/** 32 hexadecimal digits that follow from the text and the key. */
export type Seal = (text: string) => string;

/** The key is in that file, which is made at the first seal. */
export function sealBy(path: string): Seal {
  let key: string | undefined;
  return (text) => {
    key ??= readKey(path) ?? makeKey(path);
    return createHmac('sha256', key).update(text).digest('hex').slice(0, 32);
  };
}

/** Undefined where there is none, or a broken one: what it has sealed counts as changed. */
function readKey(path: string): string | undefined {
  try {
    const key = readFileSync(path, 'utf8');
    return /^[0-9a-f]{64}$/.test(key) ? key : undefined;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function makeKey(path: string): string {
  const key = randomBytes(32).toString('hex');
  mkdirSync(dirname(path), { recursive: true });
  writeWholeSync(path, key, { mode: 0o600, flush: false });
  return key;
}
