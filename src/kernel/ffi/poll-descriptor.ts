/** Watches descriptors of any kind in the event loop. */
import koffi from 'koffi';

/** A descriptor watched by the event loop. */
export interface Poll {
  /** Calls back once, when it is next readable (or writable). Replaces an earlier request. */
  once(events: { readonly readable: boolean; readonly writable: boolean }): void;
  /** Does not keep the process alive. */
  unref(): void;
  /** Must be called before the descriptor is closed. */
  close(): void;
}

/**
 * Watches a pollable descriptor by libuv's uv_poll_t (`koffi.node.poll`), which Node exposes only for streams and
 * datagrams. koffi calls back outside of Node's callback scope, where neither process.nextTick nor promises
 * run, so the work is done in an immediate.
 */
export function pollDescriptor(fd: number, ready: () => void): Poll {
  let closed = false;
  let pending = false;
  const run = (): void => {
    pending = false;
    if (!closed) ready();
  };
  const fired = (): void => {
    handle.stop();
    if (pending || closed) return;
    pending = true;
    setImmediate(run);
  };
  const handle = koffi.node.poll(fd, { readable: true }, fired);
  handle.stop();
  return {
    once: (events) => {
      if (!closed) handle.start(events, fired);
    },
    unref: () => handle.unref(),
    close: () => {
      if (closed) return;
      closed = true;
      handle.close();
    },
  };
}
