/**
 * One 512-byte header of a tar archive: POSIX.1-1988 ustar, old GNU and v7.
 * Text is kept as byte strings (one character per byte, latin1), because names in archives need not
 * be UTF-8.
 */
import { fail } from '../../errors.ts';
import { readable } from './entry.ts';

export const blockSize = 512;

/** The fields of a header. */
export interface Header {
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of data that follow. */
  readonly size: number;
  readonly mtime: number;
  /** One character; '0' also for the old NUL. */
  readonly type: string;
  readonly linkName: string;
  readonly devMajor: number;
  readonly devMinor: number;
}

const invalid = (why: string): Error => fail('IMAGE_INVALID', `invalid tar header: ${why}`);

/** Text up to the first NUL of a field. */
export function textField(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('latin1', 0, end < 0 ? length : end);
}

/** A number: octal text, or (GNU) big-endian base 256 when the first bit is set. */
export function numberField(block: Buffer, start: number, length: number): number {
  const first = block[start] ?? 0;
  if (first & 0x80) return base256(block.subarray(start, start + length));
  const text = textField(block, start, length).trim();
  if (text === '') return 0;
  if (!/^[0-7]+$/.test(text)) throw invalid(`${readable(text)} is not an octal number`);
  return Number.parseInt(text, 8);
}

function base256(field: Buffer): number {
  const negative = (field[0] ?? 0) & 0x40;
  let value = negative ? BigInt((field[0] ?? 0) - 256) : BigInt((field[0] ?? 0) & 0x7f);
  for (const byte of field.subarray(1)) value = value * 256n + BigInt(byte);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw invalid(`the number ${value} is out of range`);
  return number;
}

/** Sum of the bytes with the checksum field read as blanks. */
function checksum(block: Buffer): number {
  let sum = 0;
  for (let at = 0; at < blockSize; at++) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0);
  return sum;
}

/** Old Sun tars summed signed bytes. */
function signedChecksum(block: Buffer): number {
  let sum = 0;
  for (let at = 0; at < blockSize; at++) sum += at >= 148 && at < 156 ? 32 : block.readInt8(at);
  return sum;
}

/** Parse a header block; undefined for a block of zeros. Throws IMAGE_INVALID. */
export function parseHeader(block: Buffer): Header | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (!/^ *[0-7]+[ \0]*$/.test(block.toString('latin1', 148, 156)))
    throw invalid('it has no checksum: this is no tar archive');
  const sum = numberField(block, 148, 8);
  if (sum !== checksum(block) && sum !== signedChecksum(block)) throw invalid('the checksum does not match');
  const ustar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = ustar ? textField(block, 345, 155) : '';
  const name = textField(block, 0, 100);
  const typeByte = block.toString('latin1', 156, 157);
  return {
    name: prefix ? `${prefix}/${name}` : name,
    mode: numberField(block, 100, 8),
    uid: numberField(block, 108, 8),
    gid: numberField(block, 116, 8),
    size: numberField(block, 124, 12),
    mtime: numberField(block, 136, 12),
    type: typeByte === '\0' ? '0' : typeByte,
    linkName: textField(block, 157, 100),
    devMajor: block.toString('latin1', 257, 262) === 'ustar' ? numberField(block, 329, 8) : 0,
    devMinor: block.toString('latin1', 257, 262) === 'ustar' ? numberField(block, 337, 8) : 0,
  };
}

function putText(block: Buffer, start: number, length: number, text: string): void {
  block.write(text.slice(0, length), start, 'latin1');
}

/** Octal if it fits, else 0, in which case the caller adds a pax record. */
function putNumber(block: Buffer, start: number, length: number, value: number): void {
  const text = fitsOctal(value, length) ? value.toString(8) : '0';
  block.write(`${text.padStart(length - 1, '0')}\0`, start, 'latin1');
}

/** Whether a number fits an octal field of that many bytes, including the NUL. */
export function fitsOctal(value: number, length: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 8 ** (length - 1);
}

/** A ustar header block. Names longer than their fields are cut: the caller adds a pax record. */
export function encodeHeader(header: Header): Buffer {
  const block = Buffer.alloc(blockSize);
  putText(block, 0, 100, header.name);
  putNumber(block, 100, 8, header.mode & 0o7777);
  putNumber(block, 108, 8, header.uid);
  putNumber(block, 116, 8, header.gid);
  putNumber(block, 124, 12, header.size);
  putNumber(block, 136, 12, header.mtime);
  block.write(header.type, 156, 'latin1');
  putText(block, 157, 100, header.linkName);
  block.write('ustar\x0000', 257, 'latin1');
  putNumber(block, 329, 8, header.devMajor);
  putNumber(block, 337, 8, header.devMinor);
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** Bytes that fill the last block of `size` bytes of data. */
export function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}
