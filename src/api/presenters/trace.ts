/** `GET /seaway/trace`: a trace with its spans and notes. */
import { rfc3339 } from '../../observe/clock.ts';
import type { LogFields } from '../../observe/logger.ts';
import type { Span, Trace } from '../../observe/trace.ts';

/** Milliseconds with three digits of a fraction. */
const rounded = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;

/** Values as text, so that a reader need not know their types. */
const shown = (fields: LogFields): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );

const presentSpan = ({ subject, start, milliseconds, error, spans, notes }: Span): object => ({
  Kind: subject.kind,
  Name: subject.name,
  Fields: shown(subject.fields ?? {}),
  Start: rounded(start),
  // of one that outlives the trace: null
  Milliseconds: milliseconds === undefined ? null : rounded(milliseconds),
  Error: error,
  Notes: notes.map(({ at, text, fields }) => ({ At: rounded(at), Text: text, Fields: shown(fields) })),
  Spans: spans.map(presentSpan),
});

export const presentTrace = ({ number, time, root, left }: Trace): object => ({
  Number: number,
  Time: rfc3339(time),
  ...presentSpan(root),
  Left: left,
});
