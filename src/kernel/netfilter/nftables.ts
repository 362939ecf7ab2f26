/** nftables in process by libnftables(3), loaded when first needed. */
import koffi, { type KoffiFunc } from 'koffi';
import { fail, messageOf } from '../../errors.ts';

/** `struct nft_ctx *`, which only libnftables looks into. */
type Context = bigint | object | null;

interface Library {
  readonly create: (flags: number) => Context;
  readonly free: (context: Context) => void;
  readonly bufferOutput: (context: Context) => number;
  readonly bufferError: (context: Context) => number;
  readonly error: (context: Context) => string | null;
  readonly run: (context: Context, commands: string) => number;
}

export interface Nftables {
  /** One transaction. Must be called inside the namespace that it was opened in. */
  run(commands: string): void;
  close(): void;
}

/** Tries of a transaction that signals interrupt. */
const mostTries = 10;

let library: Library | undefined;

/** Opens a context in the namespace that the thread is in. */
export function openNftables(): Nftables {
  library ??= loadLibrary();
  const { create, free, bufferOutput, bufferError, error, run } = library;
  const context = create(0);
  if (context === null) throw fail('KERNEL', 'open nftables', 'libnftables could not make a context');
  // keeps it from writing to the engine's standard output
  bufferOutput(context);
  bufferError(context);
  return {
    run: (commands) => {
      for (let attempt = 1; run(context, commands) !== 0; attempt++) {
        const why = error(context)?.trim() || 'unknown reason';
        // nfnetlink aborts a transaction when a signal is pending, such as the SIGCHLD of any child
        if (attempt < mostTries && why.includes('Interrupted system call')) continue;
        throw fail('KERNEL', 'change the nftables rules', why);
      }
    },
    close: () => free(context),
  };
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
      run: nft.func('int nft_run_cmd_from_buffer(void *ctx, const char *buf)') as KoffiFunc<Library['run']>,
    };
  } catch (error) {
    const why = `libnftables.so.1 cannot be loaded (${messageOf(error)}); install libnftables1`;
    throw fail('KERNEL', 'open nftables', why);
  }
}
