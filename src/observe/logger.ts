/** The engine's own log: a line per event on standard error, `time level message k=v`. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'fatal'];

/** Values with blanks, quotes or `=` are printed as JSON, others as they are. */
const print = (value: unknown): string => {
  const text =
    value instanceof Error ? value.message : typeof value === 'string' ? value : JSON.stringify(value);
  return text !== undefined && /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text ?? null);
};

/** `level` is the lowest that is written; a function is called for each message. */
export function createLogger(
  level: LogLevel | (() => LogLevel),
  write: (line: string) => void = (line) => void process.stderr.write(line),
): Logger {
  const lowest = typeof level === 'function' ? () => order.indexOf(level()) : () => order.indexOf(level);
  const at =
    (mine: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (order.indexOf(mine) < lowest()) return;
      const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${print(value)}`);
      write(`${new Date().toISOString()} ${mine} ${message}${pairs.join('')}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
