/** nftables in process by libnftables(3), loaded when first needed. */
import { closeSync, openSync } from 'node:fs';
import koffi, { type KoffiFunc } from 'koffi';
import { fail, messageOf } from '../../errors.ts';
import { F_DUPFD_CLOEXEC } from '../ffi/constants.ts';
import { fcntl } from '../ffi/libc.ts';
import { closeOffLoop } from '../netlink/socket.ts';

/** `struct nft_ctx *`, which only libnftables looks into. */
type Context = bigint | object | null;

interface Library {
  readonly create: (flags: number) => Context;
  readonly free: (context: Context) => void;
  readonly bufferOutput: (context: Context) => number;
  readonly bufferError: (context: Context) => number;
  readonly error: (context: Context) => string | null;
  readonly output: (context: Context) => string | null;
  readonly run: (context: Context, commands: string) => number;
  readonly outputFlags: (context: Context, flags: number) => void;
}

/** NFT_CTX_OUTPUT_HANDLE of libnftables(3). */
const HANDLES = 1 << 3;

/** Tries of a transaction that signals interrupt. */
const mostTries = 10;

let library: Library | undefined;

/**
 * libnftables waits with select(2), which aborts the process for a descriptor above 1023: some below are kept for it. More
 * than one, because threads of Node open files meanwhile.
 */
const lowDescriptors: number[] = [];
const lowEnough = 1024;
const wanted = 8;

/** To be called while few files are open. */
export function keepLowDescriptors(): void {
  while (lowDescriptors.length < wanted) {
    const fd = openSync('/dev/null', 'r');
    if (fd >= lowEnough) {
      closeSync(fd);
      return;
    }
    lowDescriptors.push(fd);
  }
}

/**
 * Runs commands as one transaction, in the namespace that the thread is in; returns what they print, with handles if asked.
 * Errors: KERNEL.
 */
export const runNftables = (commands: string, { handles = false } = {}): string =>
  inContext(commands, handles ? HANDLES : 0);

/** NFT_CTX_OUTPUT_STATELESS and NFT_CTX_OUTPUT_TERSE: no counters, and no elements of sets. */
const TERSE = (1 << 2) | (1 << 11);

/** A table (`ip seaway`) of the namespace that the thread is in, without elements. */
export const printTable = (table: string): string => inContext(`list table ${table}`, TERSE);

function inContext(commands: string, output: number): string {
  library ??= loadLibrary();
  const { create, free } = library;
  keepLowDescriptors();
  if (lowDescriptors.length === 0)
    throw fail('KERNEL', 'open nftables', 'every file descriptor below 1024 is in use');
  for (const fd of lowDescriptors.splice(0)) closeSync(fd);
  const first = lowestFree();
  // opening one costs 30 microseconds
  const context = create(0);
  keepLowDescriptors();
  if (context === null) throw fail('KERNEL', 'open nftables', 'libnftables could not make a context');
  try {
    library.outputFlags(context, output);
    run(library, context, commands);
    return library.output(context) ?? '';
  } finally {
    freeOffLoop(first, () => free(context));
    keepLowDescriptors();
  }
}

/** The number that the next descriptor of this process gets, unless another thread is first. */
function lowestFree(): number {
  const fd = openSync('/dev/null', 'r');
  closeSync(fd);
  return fd;
}

/** Frees a context whose socket has that descriptor. Another one of it is closed off the loop, where that may wait. */
function freeOffLoop(socket: number, free: () => void): void {
  const copy = fcntl(socket, F_DUPFD_CLOEXEC, lowEnough);
  free();
  if (copy >= 0) closeOffLoop(copy);
}

function run({ bufferOutput, bufferError, ...nft }: Library, context: Context, commands: string): void {
  // keeps it from writing to the engine's standard output
  bufferOutput(context);
  bufferError(context);
  for (let attempt = 1; nft.run(context, commands) !== 0; attempt++) {
    const why = nft.error(context)?.trim() || 'unknown reason';
    // nfnetlink aborts a transaction when a signal is pending, such as the SIGCHLD of any child
    if (attempt < mostTries && why.includes('Interrupted system call')) continue;
    throw fail('KERNEL', 'change the nftables rules', why);
  }
}

function loadLibrary(): Library {
  try {
    const nft = koffi.load('libnftables.so.1');
    return {
      create: nft.func('void *nft_ctx_new(uint32_t flags)') as KoffiFunc<Library['create']>,
      free: nft.func('void nft_ctx_free(void *ctx)') as KoffiFunc<Library['free']>,
      bufferOutput: nft.func('int nft_ctx_buffer_output(void *ctx)') as KoffiFunc<Library['bufferOutput']>,
      bufferError: nft.func('int nft_ctx_buffer_error(void *ctx)') as KoffiFunc<Library['bufferError']>,
      error: nft.func('const char *nft_ctx_get_error_buffer(void *ctx)') as KoffiFunc<Library['error']>,
      output: nft.func('const char *nft_ctx_get_output_buffer(void *ctx)') as KoffiFunc<Library['output']>,
      outputFlags: nft.func('void nft_ctx_output_set_flags(void *ctx, unsigned int flags)') as KoffiFunc<
        Library['outputFlags']
      >,
      run: nft.func('int nft_run_cmd_from_buffer(void *ctx, const char *buf)') as KoffiFunc<Library['run']>,
    };
  } catch (error) {
    const why = `libnftables.so.1 cannot be loaded (${messageOf(error)}); install libnftables1`;
    throw fail('KERNEL', 'open nftables', why);
  }
}
