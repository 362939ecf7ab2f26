/** Detects programs that hang although their input and output are served, however long those take. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';

/**
 * Calls `stuck` once the program has neither read nor written a byte for `limit` milliseconds (noticed within twice
 * that time), although input was pending or ended and all of its output was read.
 */
export function watchSilence(child: ChildProcessWithoutNullStreams, limit: number, stuck: () => void): void {
  const moved = (): number =>
    bytesOf(child.stdin, 'bytesWritten') +
    bytesOf(child.stdout, 'bytesRead') +
    bytesOf(child.stderr, 'bytesRead');
  let before = -1;
  let owed = false;
  const timer = setInterval(() => {
    const now = moved();
    const isWaiting = !child.stdin.writableEnded && child.stdin.writableLength === 0;
    const isHeldBack = child.stdout.readableLength > 0 || child.stderr.readableLength > 0;
    const owes = !isWaiting && !isHeldBack;
    if (owes && owed && now === before) stuck();
    before = now;
    owed = owes;
  }, limit).unref();
  child.once('close', () => clearInterval(timer));
}

/** Node's pipes are sockets, which count bytes. */
const bytesOf = (stream: object, name: 'bytesRead' | 'bytesWritten'): number =>
  Number((stream as { readonly bytesRead?: number; readonly bytesWritten?: number })[name] ?? 0);
