/** Files that containers have mounted: they must stay the same file, and are written where they lie. */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/**
 * What is longer than before is written first: where there is no room for it, the file stays as it was. Throws what
 * the system says.
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
