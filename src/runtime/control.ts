/** conmon's control FIFO: `1 ROWS COLUMNS` resizes the terminal, `2 0 0` opens the log again. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** conmon refuses larger ones. */
const largestSide = 1000;

/** Returns false if no conmon listens. */
function sendLine(bundle: string, line: string): boolean {
  let fd: number;
  try {
    fd = openSync(join(bundle, 'ctl'), constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENXIO' || code === 'ENOENT') return false;
    throw thrown;
  }
  try {
    writeSync(fd, line);
    return true;
  } finally {
    closeSync(fd);
  }
}

export function resizeTerminal(
  bundle: string,
  size: { readonly rows: number; readonly columns: number },
): boolean {
  const side = (value: number): number => Math.max(0, Math.min(largestSide, Math.trunc(value)));
  return sendLine(bundle, `1 ${side(size.rows)} ${side(size.columns)}\n`);
}

export function reopenLog(bundle: string): boolean {
  return sendLine(bundle, '2 0 0\n');
}
