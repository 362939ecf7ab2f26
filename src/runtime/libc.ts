/**
 * Calls of libc that Node does not offer: SOCK_SEQPACKET sockets (unix(7)), pidfds, eventfds and mount(2).
 * Descriptors are close-on-exec, so that no child inherits them.
 */
import { closeSync, openSync } from 'node:fs';
import koffi from 'koffi';
import { fail } from '../errors.ts';

type Call<A extends readonly unknown[]> = (...args: A) => number;

const libc = koffi.load(null);
const call = <A extends readonly unknown[]>(definition: string): Call<A> =>
  libc.func(definition) as unknown as Call<A>;

const socketCall = call<[number, number, number]>('int socket(int, int, int)');
const connectCall = call<[number, Buffer, number]>('int connect(int, const void *, uint32_t)');
const recvCall = call<[number, Buffer, number, number]>('intptr_t recv(int, _Out_ uint8_t *, size_t, int)');
const sendCall = call<[number, Uint8Array, number, number]>(
  'intptr_t send(int, const uint8_t *, size_t, int)',
);
const shutdownCall = call<[number, number]>('int shutdown(int, int)');
const mountCall = call<[string, string, string, number, string]>(
  'int mount(const char *, const char *, const char *, unsigned long, const char *)',
);
const syscall = call<[number, number, number]>('long syscall(long, int, unsigned int)');
const eventfdCall = call<[number, number]>('int eventfd(unsigned int, int)');
const umountCall = call<[string, number]>('int umount2(const char *, int)');

const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const O_PATH = 0o10000000;
const SHUT_WR = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MS_NOSUID = 2;
const MS_NODEV = 4;
const MS_NOEXEC = 8;
const MNT_DETACH = 2;
/** Size of struct sockaddr_un. */
const addressSize = 110;

const errnoNames = new Map(Object.entries(koffi.os.errno).map(([name, value]) => [value, name]));

/** Name of the last error of this thread: `EAGAIN`. */
const lastError = (): string => errnoNames.get(koffi.errno()) ?? `errno ${koffi.errno()}`;

/**
 * Connects to a SOCK_SEQPACKET socket by its folder and name. A socket's path has at most 107 bytes, so the folder
 * is opened and the socket is named below /proc/self/fd.
 */
export function connectPacketSocket(folder: string, name: string): number {
  const folderFd = openSync(folder, O_PATH);
  try {
    const fd = socketCall(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) throw fail('KERNEL', 'making a packet socket', lastError());
    const address = Buffer.alloc(addressSize);
    address.writeUInt16LE(AF_UNIX, 0);
    address.write(`/proc/self/fd/${folderFd}/${name}`, 2);
    if (connectCall(fd, address, addressSize) === 0) return fd;
    const why = lastError();
    closeSync(fd);
    throw fail('KERNEL', `connecting to ${folder}/${name}`, why);
  } finally {
    closeSync(folderFd);
  }
}

/** Bytes of one packet, or why there were none. `end`: the other side is gone. */
export type PacketResult = number | 'again' | 'end';

/** Compared as numbers, because EAGAIN has a second name, EWOULDBLOCK. */
const { EAGAIN, EINTR, ENOBUFS } = koffi.os.errno;

const outcome = (result: number): PacketResult => {
  if (result >= 0) return result;
  const why = koffi.errno();
  return why === EAGAIN || why === EINTR || why === ENOBUFS ? 'again' : 'end';
};

/** Receives one packet into `buffer`, cut to its size. */
export function receivePacket(fd: number, buffer: Buffer): PacketResult {
  const result = outcome(recvCall(fd, buffer, buffer.length, MSG_DONTWAIT));
  return result === 0 ? 'end' : result;
}

/** All of `data` as one packet, or nothing. */
export function sendPacket(fd: number, data: Uint8Array): PacketResult {
  return outcome(sendCall(fd, data, data.length, MSG_DONTWAIT | MSG_NOSIGNAL));
}

/** Ends the sending direction. */
export function shutdownWrites(fd: number): void {
  shutdownCall(fd, SHUT_WR);
}

/** Number of pidfd_open, the same on every architecture (linux/unistd.h); since Linux 5.3. */
const SYS_pidfd_open = 434;

/** A descriptor that is readable once the process has ended; undefined if there is no such process. */
export function openPidfd(pid: number): number | undefined {
  const fd = syscall(SYS_pidfd_open, pid, 0);
  if (fd >= 0) return fd;
  const why = lastError();
  if (why === 'ESRCH' || why === 'EINVAL') return undefined;
  throw fail('KERNEL', `watching process ${pid}`, why);
}

const EFD_NONBLOCK = 0o4000;
const EFD_CLOEXEC = 0o2000000;

/** A counter that the kernel adds to (eventfd(2)); reading it sets it to zero, or fails with EAGAIN. */
export function openEventfd(): number {
  const fd = eventfdCall(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) throw fail('KERNEL', 'making an eventfd', lastError());
  return fd;
}

/** A tmpfs for /dev/shm, size in bytes. */
export function mountShm(target: string, size: number): void {
  const flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  if (mountCall('shm', target, 'tmpfs', flags, `mode=1777,size=${size}`) !== 0) {
    throw fail('KERNEL', `mounting a tmpfs on ${target}`, lastError());
  }
}

/** Unmounts lazily; an unmounted or missing target is no error. */
export function unmountLazily(target: string): void {
  if (umountCall(target, MNT_DETACH) === 0) return;
  const why = lastError();
  if (why !== 'EINVAL' && why !== 'ENOENT') throw fail('KERNEL', `unmounting ${target}`, why);
}
