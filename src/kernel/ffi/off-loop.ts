/**
 * Slow system calls on threads of libuv's pool. koffi refuses more than 64 calls at once ("Too many asynchronous
 * calls are running"), so further ones wait here.
 */

/** `call` starts the call; `read` converts the result while errno is still valid. */
export type OffLoop = <T>(
  call: (done: (thrown: unknown, result: number) => void) => void,
  read: (result: number) => T,
) => Promise<T>;

let underWay = 0;

/** System calls on threads now. The mount of a server that does not answer takes minutes. */
export const callsUnderWay = (): number => underWay;

/** Runs at most `atOnce` calls at a time. */
export function limitedOffLoop(atOnce: number): OffLoop {
  let running = 0;
  const waiting: (() => void)[] = [];
  const next = (): void => {
    running--;
    underWay--;
    waiting.shift()?.();
  };
  return (call, read) =>
    new Promise((resolve, reject) => {
      const start = (): void => {
        running++;
        underWay++;
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

/** More than libuv has threads, so that none is idle, and well below koffi's limit. */
export const offLoop: OffLoop = limitedOffLoop(16);

function settle(read: () => void, reject: (error: unknown) => void): void {
  try {
    read();
  } catch (error) {
    reject(error);
  }
}
