/**
 * Slow system calls on threads of libuv's pool. koffi refuses more than 64 calls at once ("Too many asynchronous
 * calls are running"), so further ones wait here.
 */

/** More than libuv has threads, so that none is idle, and well below koffi's limit. */
const atOnce = 16;

let running = 0;
const waiting: (() => void)[] = [];

/** `call` starts the call; `read` converts the result while errno is still valid. */
export function offLoop<T>(
  call: (done: (thrown: unknown, result: number) => void) => void,
  read: (result: number) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const start = (): void => {
      running++;
      try {
        call((thrown, result) => {
          settle(() => (thrown ? reject(thrown) : resolve(read(result))), reject);
          next();
        });
      } catch (error) {
        reject(error);
        next();
      }
    };
    if (running < atOnce) start();
    else waiting.push(start);
  });
}

function settle(read: () => void, reject: (error: unknown) => void): void {
  try {
    read();
  } catch (error) {
    reject(error);
  }
}

function next(): void {
  running--;
  waiting.shift()?.();
}
