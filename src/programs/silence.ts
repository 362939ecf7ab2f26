/** Programs that are fed and read for as long as the other side likes, and must not hang by themselves. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';

/**
 * Calls `stuck`, after twice that time at most, once the program has neither taken nor given a byte for so many milliseconds, while it had something to
 * take, or nothing to wait for, and all that it gave was taken.
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

/** They are sockets, which count. */
const bytesOf = (stream: object, name: 'bytesRead' | 'bytesWritten'): number =>
  Number((stream as { readonly bytesRead?: number; readonly bytesWritten?: number })[name] ?? 0);
