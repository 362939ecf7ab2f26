/**
 * The libc calls in use, each typed once. A call that fails returns -1 and leaves its errno in `lastErrno()`,
 * which must be read before any other call.
 *
 * `.async` variants run on a thread of libuv's pool; their errno is valid inside the callback.
 */
import koffi, { type KoffiFunc } from 'koffi';

export const libc = koffi.load('libc.so.6');

type Bytes = Uint8Array | null;

export const socket = libc.func('int socket(int domain, int type, int protocol)') as KoffiFunc<
  (domain: number, type: number, protocol: number) => number
>;
export const socketpair = libc.func(
  'int socketpair(int domain, int type, int protocol, _Out_ int *pair)',
) as KoffiFunc<(domain: number, type: number, protocol: number, pair: Int32Array) => number>;
export const bind = libc.func('int bind(int fd, void *address, uint32_t length)') as KoffiFunc<
  (fd: number, address: Uint8Array, length: number) => number
>;
export const connect = libc.func('int connect(int fd, void *address, uint32_t length)') as KoffiFunc<
  (fd: number, address: Uint8Array, length: number) => number
>;
export const setsockopt = libc.func(
  'int setsockopt(int fd, int level, int name, void *value, uint32_t length)',
) as KoffiFunc<(fd: number, level: number, name: number, value: Uint8Array, length: number) => number>;
export const getsockopt = libc.func(
  'int getsockopt(int fd, int level, int name, void *value, void *length)',
) as KoffiFunc<(fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array) => number>;
export const getsockname = libc.func('int getsockname(int fd, void *address, void *length)') as KoffiFunc<
  (fd: number, address: Uint8Array, length: Uint8Array) => number
>;
export const send = libc.func('long send(int fd, void *data, unsigned long length, int flags)') as KoffiFunc<
  (fd: number, data: Uint8Array, length: number, flags: number) => number
>;
export const sendto = libc.func(
  'long sendto(int fd, void *data, unsigned long length, int flags, void *address, uint32_t size)',
) as KoffiFunc<
  (fd: number, data: Uint8Array, length: number, flags: number, address: Uint8Array, size: number) => number
>;
/** Variadic in C; an integer is passed the same way on x86-64 and arm64. */
export const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)') as KoffiFunc<
  (fd: number, request: number, argument: Uint8Array) => number
>;
export const fcntl = libc.func('int fcntl(int fd, int command, int argument)') as KoffiFunc<
  (fd: number, command: number, argument: number) => number
>;
export const recv = libc.func('long recv(int fd, void *data, unsigned long length, int flags)') as KoffiFunc<
  (fd: number, data: Uint8Array, length: number, flags: number) => number
>;
export const flock = libc.func('int flock(int fd, int operation)') as KoffiFunc<
  (fd: number, operation: number) => number
>;
export const open = libc.func('int open(const char *path, int flags)') as KoffiFunc<
  (path: string, flags: number) => number
>;
const syscall4 = libc.func('long syscall(long number, long fd, void *path, void *third, size_t fourth)');
type Openat2 = (
  number: number,
  folder: number,
  path: Uint8Array,
  how: BigUint64Array,
  size: number,
) => number;
const openat2Call = syscall4 as KoffiFunc<Openat2>;
/** The same number everywhere. */
const SYS_openat2 = 437;
/** openat2(2) has no function in libc; `how` is struct open_how. */
export const openat2 = {
  async(
    folder: number,
    path: Uint8Array,
    how: BigUint64Array,
    done: (thrown: unknown, result: number) => void,
  ): void {
    openat2Call.async(SYS_openat2, folder, path, how, how.byteLength, done);
  },
};
/** -1 for a missing attribute; links are not followed. */
export const lgetxattr = libc.func(
  'long lgetxattr(void *path, const char *name, void *value, size_t size)',
) as KoffiFunc<(path: Uint8Array, name: string, value: Uint8Array, size: number) => number>;
export const close = libc.func('int close(int fd)') as KoffiFunc<(fd: number) => number>;
/** Does not wait for the threads of the process. */
export const exitAtOnce = libc.func('void _exit(int status)') as KoffiFunc<(status: number) => void>;
export const setns = libc.func('int setns(int fd, int type)') as KoffiFunc<
  (fd: number, type: number) => number
>;
export const unshare = libc.func('int unshare(int flags)') as KoffiFunc<(flags: number) => number>;
export const mount = libc.func(
  'int mount(const char *source, const char *target, const char *type, unsigned long flags, void *data)',
) as KoffiFunc<(source: string, target: string, type: string, flags: number, data: Bytes) => number>;
export const umount2 = libc.func('int umount2(const char *target, int flags)') as KoffiFunc<
  (target: string, flags: number) => number
>;

const mallocTrimCall = libc.func('int malloc_trim(size_t pad)') as KoffiFunc<(pad: number) => number>;

/** Returns freed memory to the kernel (malloc_trim(3)). */
export const mallocTrim = (): void => void mallocTrimCall(0);

const madvise = libc.func('int madvise(size_t address, size_t length, int advice)') as KoffiFunc<
  (address: number, length: number, advice: number) => number
>;
/** The same number everywhere. */
const MADV_DONTNEED = 4;
/** Drops the pages from the process's page tables (madvise(2)); written ones of a private mapping are lost. */
export const adviseUnneeded = (address: number, length: number): void =>
  void madvise(address, length, MADV_DONTNEED);

const strerror = libc.func('const char *strerror(int errno)') as KoffiFunc<(errno: number) => string>;

const nameOfErrno = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));

/** errno of the last call on this thread. */
export function lastErrno(): number {
  return koffi.errno();
}

/** `EEXIST`, or `errno 524` for a number without a name in user space. */
export function errnoName(errno: number): string {
  return nameOfErrno.get(errno) ?? `errno ${errno}`;
}

/** strerror(3) with a lower-case first letter: `file exists`. */
export function errnoText(errno: number): string {
  const text = strerror(errno);
  return text.charAt(0).toLowerCase() + text.slice(1);
}
