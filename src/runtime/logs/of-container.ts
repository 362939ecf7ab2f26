/** `docker logs` of one container. */
import { fail } from '../../errors.ts';
import type { Container } from '../../model/container.ts';
import type { Context } from '../context.ts';
import type { ExitEvent, LogOptions } from '../runtime.ts';
import { attributesOf, detailsOf } from './attributes.ts';
import { isJsonFile, parseLogConfig } from './config.ts';
import { createFormatter } from './format.ts';
import { isFullJson, JsonReader } from './json-reader.ts';
import { type ReadOptions, readLog } from './read.ts';

interface Reading {
  readonly options: LogOptions;
  /** Exit listeners, to which followers are added. */
  readonly listeners: Set<(event: ExitEvent) => void>;
}

/** See `Runtime.logs`. Following ends when the container does not run, or at `until`. */
export async function* readLogsOf(
  context: Context,
  container: Container,
  { options, listeners }: Reading,
): AsyncGenerator<Buffer> {
  if (!parseLogConfig(container.hostConfig.LogConfig).kept) throw fail('LOGS_NOT_KEPT');
  const { id, config } = container;
  const until = options.until;
  const past = (): boolean => until !== undefined && BigInt(Date.now()) * 1_000_000n > until;
  const { format, flush } = createFormatter({
    ...options,
    tty: config.Tty,
    details: options.details ? `${detailsOf(attributesOf(container, options.attributes))} ` : '',
  });
  const range = { tail: options.tail, follow: options.follow, gone: options.gone, past };
  const pieces = isJsonFile(container.hostConfig.LogConfig)
    ? fromJson(context, id, range)
    : readLog(context.layout.log(id), {
        tail: options.tail,
        growing: options.follow ? () => context.running.has(id) && isWanted(range) : undefined,
        onGrowingChange: withSignal(options.gone, (changed) => {
          const listener = (event: ExitEvent): void => (event.id === id ? changed() : undefined);
          listeners.add(listener);
          return () => listeners.delete(listener);
        }),
      });
  for await (const piece of pieces) {
    const { output, over } = piece.length > 0 ? format(piece) : { output: flush(), over: false };
    if (output.length > 0) yield output;
    if (over) return;
  }
}

interface Range {
  readonly tail: number | undefined;
  readonly follow: boolean;
  readonly gone: AbortSignal | undefined;
  readonly past: () => boolean;
}

const isWanted = ({ past, gone }: Range): boolean => !past() && gone?.aborted !== true;

/** `listen` that also calls when the reader has gone. */
function withSignal(
  gone: AbortSignal | undefined,
  listen: ReadOptions['onGrowingChange'],
): ReadOptions['onGrowingChange'] {
  return (changed) => {
    const forget = listen(changed);
    gone?.addEventListener('abort', changed);
    return () => {
      gone?.removeEventListener('abort', changed);
      forget();
    };
  };
}

/** The JSON log in conmon's format. */
async function* fromJson(context: Context, id: string, range: Range): AsyncGenerator<Buffer> {
  const { jsonLogs, layout } = context;
  await jsonLogs.drained(id);
  const reader = new JsonReader();
  const pieces = readLog(layout.jsonLog(id), {
    tail: range.tail,
    isFull: isFullJson,
    growing: range.follow ? () => jsonLogs.isCopying(id) && isWanted(range) : undefined,
    onGrowingChange: withSignal(range.gone, (changed) => jsonLogs.onEnd(id, changed)),
    onLost: () => reader.skipSeen(),
  });
  for await (const piece of pieces) {
    const lines = piece.length > 0 ? reader.take(piece) : piece;
    // an empty piece means that nothing more is there for now
    if (lines.length > 0 || piece.length === 0) yield lines;
  }
}
