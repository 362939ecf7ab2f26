/** Finding where the last lines of a log begin, reading backwards: the cost is that of the lines found. */
import { type FileHandle, open } from 'node:fs/promises';
import { isFull } from './line.ts';

export interface LogPosition {
  /** Index in the list of files. */
  readonly file: number;
  readonly offset: number;
}

const blockSize = 64 * 1024;

/** Pieces of a file that begin at a line's start and end with a newline, last first. */
async function* linesBackwards(handle: FileHandle): AsyncGenerator<{ line: Buffer; offset: number }> {
  let end = (await handle.stat()).size;
  // Bytes of the line whose start is not read yet.
  let rest = Buffer.alloc(0);
  while (end > 0) {
    const start = Math.max(0, end - blockSize);
    const block = Buffer.alloc(end - start);
    const { bytesRead } = await handle.read(block, 0, block.length, start);
    if (bytesRead < block.length) return;
    let text = Buffer.concat([block, rest]);
    for (;;) {
      const before = text.lastIndexOf(10, text.length - 2);
      if (text.length < 2 || before < 0) break;
      yield { line: text.subarray(before + 1), offset: start + before + 1 };
      text = text.subarray(0, before + 1);
    }
    rest = text;
    end = start;
  }
  if (rest.length > 0) yield { line: rest, offset: 0 };
}

/**
 * Where the last `count` lines of text begin. A line of text is one line of the log, or several partial
 * ones. With fewer lines: the start of the first file. `count` 0 is the end of the last file.
 */
export async function findTail(files: readonly string[], count: number): Promise<LogPosition> {
  let position: LogPosition = { file: Math.max(0, files.length - 1), offset: 0 };
  let found = 0;
  let first = true;
  for (let file = files.length - 1; file >= 0; file -= 1) {
    const handle = await open(files[file] ?? '');
    try {
      if (first && count === 0) return { file, offset: (await handle.stat()).size };
      for await (const { line, offset } of linesBackwards(handle)) {
        // Text that ends without a newline is a line too.
        if (isFull(line) || first) found += 1;
        first = false;
        if (found > count) return position;
        position = { file, offset };
      }
    } finally {
      await handle.close();
    }
  }
  return files.length === 0 ? { file: 0, offset: 0 } : position;
}
