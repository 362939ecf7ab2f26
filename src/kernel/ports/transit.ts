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
  #messages = 0;
  #closed = false;

  constructor() {
    const pair = new Int32Array(2);
    const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    checked(socketpair(AF_UNIX, type, 0, pair), 'opening a pair of sockets');
    [this.#from = -1, this.#to = -1] = pair;
    setOption(this.#to, SOL_SOCKET, SO_SNDBUFFORCE, room);
  }

  /** Takes them over. At most 250. Throws KERNEL, and then they are closed. */
  send(descriptors: readonly number[]): void {
    if (descriptors.length === 0) return;
    try {
      sendDescriptors(this.#to, descriptors);
      this.#messages++;
    } finally {
      for (const fd of descriptors) close(fd);
    }
  }

  /** Closes those that are not kept, by their place in the order of sending. */
  keep(isKept: (index: number) => boolean): void {
    let index = 0;
    const messages = this.#messages;
    this.#messages = 0;
    for (let message = 0; message < messages; message++) {
      const kept: number[] = [];
      for (const fd of receiveDescriptors(this.#from)) {
        if (isKept(index++)) kept.push(fd);
        else close(fd);
      }
      this.send(kept);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    close(this.#from);
    close(this.#to);
  }
}
