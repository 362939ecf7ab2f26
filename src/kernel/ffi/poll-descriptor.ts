/** Descriptors of any kind in the event loop. */
import koffi from 'koffi';

/** A descriptor watched by the event loop. */
export interface Poll {
  /** Call back once, the next time that it is readable (or writable). Replaces what was asked before. */
  once(events: { readonly readable: boolean; readonly writable: boolean }): void;
  /** Let the process end although this is watched. */
  unref(): void;
  /** Before the descriptor is closed. */
  close(): void;
}

/**
 * Watch a descriptor of any pollable kind by libuv (uv_poll_t; `koffi.node.poll`), which Node itself
 * offers for streams and datagrams only. koffi calls back outside of Node's callback scope, where
 * neither process.nextTick nor promises would run: the work is done in an immediate.
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
