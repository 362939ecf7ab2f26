/**
 * Packets that the kernel drops, with its reason, by the tracepoint skb:kfree_skb (Linux 5.17 and later), in an instance of tracefs
 * of our own, so that nobody else's tracing is touched. The tracepoint knows the whole host, and no link.
 */
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fail, messageOf } from '../../errors.ts';
import { type Poll, pollDescriptor } from '../ffi/poll-descriptor.ts';
import { mount, unmount } from '../mounts/mounts.ts';
import type { KernelDrop } from './contract.ts';

const usual = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];
const event = 'events/skb/kfree_skb';

/** Reasons that are no loss: a frame for others, the end of a socket, and no reason at all. */
const quiet = ['NOT_SPECIFIED', 'OTHERHOST', 'QUEUE_PURGE', 'SOCKET_CLOSE', 'TCP_OLD_DATA', 'TCP_OFOMERGE'];

/** Of a line of the trace, in time of the monotonic clock: nanoseconds. */
export function parseDrop(
  line: string,
): (Omit<KernelDrop, 'time'> & { readonly monotonic: bigint }) | undefined {
  const match = / (\d+)\.(\d{6}): kfree_skb: .*protocol=(\d+) location=(\S+)(?: \[\w+\])? reason: (\w+)/.exec(
    line,
  );
  if (!match) return undefined;
  const [, seconds = '', micros = '', protocol = '', at = '', reason = ''] = match;
  if (quiet.includes(reason)) return undefined;
  const monotonic = BigInt(seconds) * 1_000_000_000n + BigInt(micros) * 1_000n;
  return { monotonic, reason, at, protocol: Number(protocol) };
}

/** Bytes that are read in a turn. */
const readSize = 64 * 1024;

/** Calls the listener with each drop until the returned function is called. Throws CAPTURE_NO_DROPS. */
export function watchDrops(folder: string, listener: (drop: KernelDrop) => void): () => void {
  let instance: Instance;
  try {
    instance = openInstance(folder);
  } catch (error) {
    throw fail('CAPTURE_NO_DROPS', messageOf(error));
  }
  let rest = '';
  const buffer = Buffer.alloc(readSize);
  const poll = pollDescriptor(instance.pipe, () => {
    const text = readPipe(instance.pipe, buffer);
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const drop = parseDrop(line);
      if (drop) listener({ ...drop, time: wallTime(drop.monotonic) });
    }
    poll.once({ readable: true, writable: false });
  });
  poll.once({ readable: true, writable: false });
  return () => closeInstance(instance, poll);
}

const wallTime = (monotonic: bigint): bigint =>
  BigInt(Date.now()) * 1_000_000n - (process.hrtime.bigint() - monotonic);

interface Instance {
  readonly folder: string;
  readonly pipe: number;
  /** Where tracefs was mounted for it; '' where it was there. */
  readonly mounted: string;
}

function openInstance(below: string): Instance {
  const number = ++made;
  const there = usual.find((path) => existsSync(join(path, event)));
  const mounted = there === undefined ? mountTracefs(join(below, `tracing-${number}`)) : '';
  const instances = join(there ?? mounted, 'instances');
  removeLeftovers(instances);
  const folder = join(instances, `seaway-${process.pid}-${number}`);
  mkdirSync(folder);
  try {
    writeFileSync(join(folder, 'trace_clock'), 'mono');
    writeFileSync(join(folder, event, 'enable'), '1');
    const pipe = openSync(join(folder, 'trace_pipe'), constants.O_RDONLY | constants.O_NONBLOCK);
    return { folder, pipe, mounted };
  } catch (error) {
    rmdirSync(folder);
    throw error;
  }
}

let made = 0;

function mountTracefs(target: string): string {
  mkdirSync(target, { recursive: true, mode: 0o700 });
  mount({ source: 'tracefs', target, type: 'tracefs', flags: 0, data: '' });
  return target;
}

/** An engine that was killed leaves its instance, which would trace on. */
function removeLeftovers(instances: string): void {
  for (const name of readdirSync(instances)) {
    const [, pid] = /^seaway-(\d+)-\d+$/.exec(name) ?? [];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    writeFileSync(join(instances, name, event, 'enable'), '0');
    rmdirSync(join(instances, name));
  }
}

function closeInstance({ folder, pipe, mounted }: Instance, poll: Poll): void {
  poll.close();
  closeSync(pipe);
  writeFileSync(join(folder, event, 'enable'), '0');
  rmdirSync(folder);
  if (mounted === '') return;
  unmount(mounted);
  rmdirSync(mounted);
}

function readPipe(pipe: number, buffer: Buffer): string {
  try {
    return buffer.toString('latin1', 0, readSync(pipe, buffer));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return '';
    throw error;
  }
}
