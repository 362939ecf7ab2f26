/** The user's terminal handed over to a container: keys go through as they are typed, sizes follow. */
import { spawnSync } from 'node:child_process';
import type { Io } from '../context.ts';

/** Run the work with the terminal in raw mode; it is given back however the work ends. */
export async function withRawTerminal<T>({ stdin }: Io, wanted: boolean, work: () => Promise<T>): Promise<T> {
  if (!wanted || !stdin.isTTY) return work();
  stdin.setRawMode(true);
  // Node's raw mode goes on turning line feeds into carriage return and line feed (libuv, UV_TTY_MODE_RAW); the
  // container's terminal does that already. Giving back the old mode undoes this too.
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
  try {
    return await work();
  } finally {
    stdin.setRawMode(false);
  }
}

export interface Size {
  readonly h: number;
  readonly w: number;
}

/** The size of the user's terminal; undefined where there is none. */
export function terminalSize({ stdout }: Io): Size | undefined {
  return stdout.isTTY ? { h: stdout.rows, w: stdout.columns } : undefined;
}

/**
 * Sends the size now and whenever it changes. The first one may come before the process runs, so it is tried
 * again for a while. The result stops it.
 */
export function followSize(io: Io, resize: (size: Size) => Promise<unknown>): () => void {
  const { stdout } = io;
  let stopped = !stdout.isTTY;
  const send = (triesLeft: number): void => {
    const size = terminalSize(io);
    if (stopped || size === undefined) return;
    resize(size).catch(() => {
      if (triesLeft > 0) setTimeout(() => send(triesLeft - 1), 50);
    });
  };
  const onResize = (): void => send(0);
  send(10);
  stdout.on('resize', onResize);
  return () => {
    stopped = true;
    stdout.off('resize', onResize);
  };
}

/** A shell redraws its prompt when the size changes: one that is attached to again needs that. */
export async function nudgeSize(io: Io, resize: (size: Size) => Promise<unknown>): Promise<void> {
  const size = terminalSize(io);
  // Failing is no harm: the size is sent again.
  if (size !== undefined) await resize({ h: size.h + 1, w: size.w + 1 }).catch(() => {});
}
