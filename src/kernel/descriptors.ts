/**
 * Passes descriptors between processes over a unix datagram socket (SCM_RIGHTS, unix(7)). A message can be received
 * as soon as `send` returns. A received socket keeps the namespace in which it was opened.
 */
import { readdirSync } from 'node:fs';
import koffi, { type KoffiFunc } from 'koffi';
import {
  AF_UNIX,
  errno,
  F_DUPFD_CLOEXEC,
  F_SETFD,
  FD_CLOEXEC,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SCM_RIGHTS,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
} from './ffi/constants.ts';
import { checked, kernelError } from './ffi/fault.ts';
import { bind, close, fcntl, lastErrno, libc, socket } from './ffi/libc.ts';

/** Descriptors with a text. */
export interface Parcel {
  readonly text: string;
  /** To be closed by the receiver. */
  readonly descriptors: readonly number[];
  /** Some were lost because the receiver has too many open. */
  readonly isCut: boolean;
}

export interface ParcelInbox {
  /** The next waiting parcel, or undefined. */
  take(): Parcel | undefined;
  close(): void;
}

/** As many as one message carries (SCM_MAX_FD). */
const mostDescriptors = 253;
const longestText = 4096;
/** Bytes of struct cmsghdr: length, level, type. */
const headSize = 16;

koffi.struct('iovec', { base: 'void *', length: 'size_t' });
koffi.struct('msghdr', {
  name: 'void *',
  nameLength: 'uint32_t',
  parts: 'iovec *',
  partCount: 'size_t',
  control: 'void *',
  controlLength: 'size_t',
  flags: 'int',
});

interface Header {
  readonly name: Uint8Array | null;
  readonly nameLength: number;
  readonly parts: readonly { readonly base: Uint8Array; readonly length: number }[];
  readonly partCount: number;
  readonly control: Uint8Array | null;
  controlLength: number;
  flags: number;
}

type Transfer = (fd: number, message: Header, flags: number) => number;
const sendmsg = libc.func('long sendmsg(int fd, msghdr *message, int flags)') as KoffiFunc<Transfer>;
const recvmsg = libc.func('long recvmsg(int fd, _Inout_ msghdr *message, int flags)') as KoffiFunc<Transfer>;

/** Receives at a path, which must not exist yet; senders need write permission on it. Throws KERNEL. */
export function openInbox(path: string): ParcelInbox {
  const fd = checked(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'opening a socket');
  const address = unixAddress(path);
  const bound = bind(fd, address, address.length);
  if (bound < 0) {
    const reason = lastErrno();
    close(fd);
    throw kernelError(`binding a socket to "${path}"`, reason);
  }
  return { take: () => receive(fd), close: () => void close(fd) };
}

/**
 * Sends descriptors to the receiver at a path; the caller keeps its own. False where the receiver's queue is full.
 * Throws KERNEL.
 */
export function sendParcel(path: string, text: string, descriptors: readonly number[]): boolean {
  const fd = checked(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'opening a socket');
  try {
    const base = Buffer.from(text);
    const name = unixAddress(path);
    const control = rights(descriptors);
    const header = { name, nameLength: name.length, parts: [{ base, length: base.length }], partCount: 1 };
    const message = { ...header, control, controlLength: control?.length ?? 0, flags: 0 };
    if (sendmsg(fd, message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return true;
    const reason = lastErrno();
    if (reason === errno.EAGAIN) return false;
    throw kernelError(`sending descriptors to "${path}"`, reason);
  } finally {
    close(fd);
  }
}

/** Over a connected socket; the caller keeps its own. Throws KERNEL. */
export function sendDescriptors(fd: number, descriptors: readonly number[]): void {
  const control = rights(descriptors);
  const message = {
    ...{ name: null, nameLength: 0, parts: [{ base: Buffer.alloc(1), length: 1 }], partCount: 1 },
    ...{ control, controlLength: control?.length ?? 0, flags: 0 },
  };
  checked(sendmsg(fd, message, MSG_DONTWAIT | MSG_NOSIGNAL), 'sending descriptors');
}

/** Those of the next message of a connected socket, to be closed by the caller. Throws KERNEL. */
export const receiveDescriptors = (fd: number): readonly number[] => receive(fd, 1)?.descriptors ?? [];

function receive(fd: number, length = longestText): Parcel | undefined {
  const base = Buffer.alloc(length);
  const control = Buffer.alloc(headSize + 4 * mostDescriptors);
  const message = {
    name: null,
    nameLength: 0,
    parts: [{ base, length: base.length }],
    partCount: 1,
    control,
    controlLength: control.length,
    flags: 0,
  };
  const received = recvmsg(fd, message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (received < 0) {
    const reason = lastErrno();
    if (reason === errno.EAGAIN) return undefined;
    throw kernelError('receiving descriptors', reason);
  }
  return {
    text: base.toString('utf8', 0, received),
    descriptors: descriptorsIn(control.subarray(0, Number(message.controlLength))),
    isCut: (message.flags & MSG_CTRUNC) !== 0,
  };
}

/** `struct cmsghdr` with SCM_RIGHTS (cmsg(3)), padded to eight bytes. */
function rights(descriptors: readonly number[]): Buffer | null {
  if (descriptors.length === 0) return null;
  const size = headSize + 4 * descriptors.length;
  const bytes = Buffer.alloc(Math.ceil(size / 8) * 8);
  bytes.writeBigUInt64LE(BigInt(size), 0);
  bytes.writeInt32LE(SOL_SOCKET, 8);
  bytes.writeInt32LE(SCM_RIGHTS, 12);
  for (const [i, descriptor] of descriptors.entries()) bytes.writeInt32LE(descriptor, headSize + 4 * i);
  return bytes;
}

function descriptorsIn(control: Buffer): readonly number[] {
  if (control.length < headSize) return [];
  const isRights = control.readInt32LE(8) === SOL_SOCKET && control.readInt32LE(12) === SCM_RIGHTS;
  const count = isRights ? (Number(control.readBigUInt64LE(0)) - headSize) / 4 : 0;
  return Array.from({ length: Math.floor(count) }, (_, i) => control.readInt32LE(headSize + 4 * i));
}

/** `struct sockaddr_un` (unix(7)), with a zero after the path. */
function unixAddress(path: string): Buffer {
  const bytes = Buffer.from(`\0\0${path}\0`);
  bytes.writeUInt16LE(AF_UNIX, 0);
  return bytes;
}

/**
 * No program that is started from now on inherits a descriptor beside its standard ones. LMDB opens its data file so that
 * children have it, for writing, and so may whoever has started this process.
 */
export function keepFromChildren(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    // the descriptor of the listing itself is closed by now, and fails
    if (Number(name) > 2) fcntl(Number(name), F_SETFD, FD_CLOEXEC);
  }
}

/** Another descriptor of the same file or socket, which stays when the first one is closed. Throws KERNEL. */
export function copyDescriptor(fd: number): { readonly fd: number; close(): void } {
  const copy = checked(fcntl(fd, F_DUPFD_CLOEXEC, 3), 'copying a descriptor');
  return { fd: copy, close: () => closeDescriptor(copy) };
}

/** Closes a descriptor; errors are ignored. */
export const closeDescriptor = (fd: number): void => void close(fd);
