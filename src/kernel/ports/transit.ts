/** Descriptors that wait in a pair of sockets (SCM_RIGHTS): they stay open without counting towards the process's limit. */
import { receiveDescriptors, sendDescriptors } from '../descriptors.ts';
import {
  AF_UNIX,
  SO_SNDBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../ffi/constants.ts';
import { checked } from '../ffi/fault.ts';
import { close, socketpair } from '../ffi/libc.ts';
import { setOption } from '../netlink/socket.ts';

/** Bytes: the kernel counts about one kilobyte for each message. */
const room = 1 << 20;

export class Transit {
  readonly #from: number;
  readonly #to: number;
  /** Keys of the descriptors of each message that waits. */
  #waiting: (readonly number[])[] = [];
  #closed = false;

  constructor() {
    const pair = new Int32Array(2);
    const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    checked(socketpair(AF_UNIX, type, 0, pair), 'opening a pair of sockets');
    [this.#from = -1, this.#to = -1] = pair;
    setOption(this.#to, SOL_SOCKET, SO_SNDBUFFORCE, room);
  }

  /** Takes over descriptors by their keys. At most 250. Throws KERNEL, and then they are closed. */
  send(descriptors: ReadonlyMap<number, number>): void {
    if (descriptors.size === 0) return;
    try {
      sendDescriptors(this.#to, [...descriptors.values()]);
      this.#waiting.push([...descriptors.keys()]);
    } finally {
      for (const fd of descriptors.values()) close(fd);
    }
  }

  /**
   * Closes those that are not kept, and returns the keys of those that are. The kernel closes what exceeds the process's limit
   * of descriptors (MSG_CTRUNC in recvmsg(2)): the last ones of a message.
   */
  keep(isKept: (key: number) => boolean): readonly number[] {
    const messages = this.#waiting;
    this.#waiting = [];
    for (const keys of messages) {
      const kept = new Map<number, number>();
      for (const [index, fd] of receiveDescriptors(this.#from).entries()) {
        const key = keys[index];
        if (key !== undefined && isKept(key)) kept.set(key, fd);
        else close(fd);
      }
      this.send(kept);
    }
    return this.#waiting.flat();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    close(this.#from);
    close(this.#to);
  }
}
