/**
 * The protocol between a service manager (systemd) and a program that it starts: sd_listen_fds(3), sd_notify(3).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { fail } from '../errors.ts';
import {
  AF_UNIX,
  errno,
  F_SETFD,
  FD_CLOEXEC,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
} from './ffi/constants.ts';
import { close, errnoName, errnoText, fcntl, lastErrno, sendto, socket } from './ffi/libc.ts';

export interface ServiceManager {
  /** Descriptors of the passed listening sockets; they are close-on-exec. */
  readonly sockets: readonly number[];
  /** Sends lines of `KEY=VALUE` (`READY=1`). False where there is no service manager. Throws KERNEL, after 2 s if it does not read. */
  notify(...lines: readonly string[]): Promise<boolean>;
}

/** The first passed descriptor (SD_LISTEN_FDS_START). */
const firstDescriptor = 3;

const variables = ['NOTIFY_SOCKET', 'LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES'];

/**
 * Must be called once, at the start. Removes the variables from the environment: they are only for this process, and
 * runc and conmon would take NOTIFY_SOCKET for a container's.
 */
export function meetServiceManager(environment: NodeJS.ProcessEnv): ServiceManager {
  const [name = '', pid, count] = variables.map((variable) => environment[variable]);
  for (const variable of variables) delete environment[variable];
  const length = pid === String(process.pid) && /^\d+$/.test(count ?? '') ? Number(count) : 0;
  const sockets = Array.from({ length }, (_, index) => firstDescriptor + index);
  for (const fd of sockets)
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) throw fail('KERNEL', `taking over descriptor ${fd}`, why());
  return {
    sockets,
    notify: async (...lines) => /^[/@]/.test(name) && (await notify(name, lines.join('\n'))),
  };
}

const why = (reason = lastErrno()): string => `${errnoName(reason)}: ${errnoText(reason)}`;

/** struct sockaddr_un; a name with a leading `@` is abstract, with a zero as first byte (unix(7)). */
function addressOf(name: string): Buffer {
  const isAbstract = name.startsWith('@');
  const path = isAbstract ? `\0${name.slice(1)}` : `${name}\0`;
  const address = Buffer.alloc(2 + Buffer.byteLength(path));
  address.writeUInt16LE(AF_UNIX, 0);
  address.write(path, 2);
  return address;
}

/** Milliseconds between attempts while its queue is full. */
const pauses = [1, 10, 100, 400, 500, 1000];

async function notify(name: string, text: string): Promise<true> {
  const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw fail('KERNEL', 'making a socket', why());
  try {
    const data = Buffer.from(text);
    const address = addressOf(name);
    for (let attempt = 0; ; attempt++) {
      if (sendto(fd, data, data.length, MSG_NOSIGNAL | MSG_DONTWAIT, address, address.length) >= 0)
        return true;
      const reason = lastErrno();
      const pause = reason === errno.EAGAIN ? pauses[attempt] : undefined;
      if (pause === undefined) throw fail('KERNEL', `telling the service manager at ${name}`, why(reason));
      await delay(pause);
    }
  } finally {
    close(fd);
  }
}
