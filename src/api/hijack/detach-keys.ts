/** The keys that leave a container running: `ctrl-p,ctrl-q`, as Docker writes them. */
import { fail } from '../../errors.ts';

/** Docker's default. */
export const defaultDetachKeys: Uint8Array = Uint8Array.of(16, 17);

/** One key: a single ASCII character, or `ctrl-` and a letter or one of `@ [ \ ] ^ _`. */
function parseKey(key: string): number | undefined {
  if (key.length === 1) return key.charCodeAt(0) < 128 ? key.charCodeAt(0) : undefined;
  const [, control] = /^ctrl-([a-z@[\\\]^_])$/.exec(key) ?? [];
  // Control characters are the upper-case letter without its 0x40 bit: ctrl-a is 1, ctrl-@ is 0.
  return control === undefined ? undefined : control.toUpperCase().charCodeAt(0) - 0x40;
}

/**
 * Bytes of a key sequence; '' is the default sequence.
 * Throws BAD_REQUEST in Docker's words.
 */
export function parseDetachKeys(text: string): Uint8Array {
  if (text === '') return defaultDetachKeys;
  const keys = text.split(',').map(parseKey);
  const bytes = keys.filter((key) => key !== undefined);
  if (bytes.length !== keys.length) throw fail('BAD_REQUEST', `Invalid detach keys (${text}) provided`);
  return Uint8Array.from(bytes);
}
