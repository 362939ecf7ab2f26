/** Files that containers have bind-mounted: the inode must stay, so they are written in place. */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/**
 * Writes the part beyond the old length first: where the disk is full, the file stays as it was. Throws system
 * errors.
 */
export function writeInPlace(path: string, text: string, mode: number): void {
  const content = Buffer.from(text);
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, mode);
  try {
    const before = fstatSync(file).size;
    try {
      writeAll(file, content.subarray(before), before);
    } catch (thrown) {
      ftruncateSync(file, before);
      throw thrown;
    }
    writeAll(file, content.subarray(0, before), 0);
    ftruncateSync(file, content.length);
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, content: Buffer, position: number): void {
  for (let done = 0; done < content.length; )
    done += writeSync(file, content, done, content.length - done, position + done);
}
