/** Extended attributes (xattr(7)), which Node cannot read. */
import * as libc from '../ffi/libc.ts';

/** Whether a file has this value of an attribute. The path is not followed if it ends in a link. */
export function attributeIs(path: Buffer, name: string, value: string): boolean {
  const wanted = Buffer.from(value);
  // one byte more, so that a longer value does not look the same
  const found = Buffer.alloc(wanted.length + 1);
  const length = libc.lgetxattr(Buffer.concat([path, Buffer.of(0)]), name, found, found.length);
  return length === wanted.length && found.subarray(0, length).equals(wanted);
}
