/**
 * Domain names on the wire (RFC 1035, 3.1 and 4.1.4). As text, a byte of a label that is a dot, a
 * backslash or not printable is written `\DDD` (RFC 1035, 5.1), so that different names have different text.
 */
import { MalformedMessage } from './message.ts';

/** Bytes of the longest label, and of the longest name with its length bytes and the root. */
const maxLabel = 63;
const maxName = 255;

/** A name and the offset after it. */
export interface ReadName {
  readonly name: string;
  readonly next: number;
}

/**
 * Decodes the name at an offset. Throws MalformedMessage for a label or name that is too long, a pointer that
 * does not lead backwards (which rules out loops), a reserved label type, and a truncated name.
 */
export function readName(message: Uint8Array, offset: number): ReadName {
  const labels: string[] = [];
  let at = offset;
  let next = -1;
  let length = 1;
  /** Start of the current part; a pointer must lead to before it. */
  let start = offset;
  for (;;) {
    const size = byteAt(message, at);
    if (size === 0) break;
    if (size >= 0xc0) {
      const target = ((size & 0x3f) << 8) | byteAt(message, at + 1);
      if (next < 0) next = at + 2;
      if (target >= start) throw new MalformedMessage('a compression pointer that does not lead backwards');
      start = target;
      at = target;
      continue;
    }
    if (size > maxLabel) throw new MalformedMessage('a reserved label type');
    length += size + 1;
    if (length > maxName) throw new MalformedMessage('a name of over 255 bytes');
    if (at + 1 + size > message.length) throw new MalformedMessage('a label that is cut off');
    labels.push(labelText(message, at + 1, size));
    at += size + 1;
  }
  return { name: labels.join('.'), next: next < 0 ? at + 1 : next };
}

function byteAt(message: Uint8Array, at: number): number {
  const byte = message[at];
  if (byte === undefined) throw new MalformedMessage('a name that is cut off');
  return byte;
}

function labelText(message: Uint8Array, at: number, size: number): string {
  let text = '';
  for (let i = at; i < at + size; i += 1) {
    const byte = message[i] ?? 0;
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x2e && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\${byte.toString().padStart(3, '0')}`;
  }
  return text;
}

/** The labels of a name as bytes. Throws RangeError for a name that DNS cannot carry. */
export function labelsOf(name: string): readonly Uint8Array[] {
  if (name === '' || name === '.') return [];
  const labels = (name.endsWith('.') ? name.slice(0, -1) : name).split('.').map(labelBytes);
  const length = labels.reduce((sum, label) => sum + label.length + 1, 1);
  if (length > maxName) throw new RangeError(`the name "${name}" has over 255 bytes`);
  return labels;
}

function labelBytes(text: string): Uint8Array {
  const raw = text.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number(digits)));
  const bytes = Buffer.from(raw, 'latin1');
  if (bytes.length === 0 || bytes.length > maxLabel || /[^\0-\xff]/.test(raw))
    throw new RangeError(`"${text}" is no label of a domain name`);
  return bytes;
}
