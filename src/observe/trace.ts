/**
 * What the engine does, request by request: spans of its stages, and notes with the reasons of its decisions. The last
 * traces are kept. A trace begins where a `Tracer` runs something; `span` and `note` add to the one in whose course
 * they are called, and do nothing where there is none.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { messageOf } from '../errors.ts';
import { nowNanoseconds } from './clock.ts';
import type { LogFields } from './logger.ts';

/** What a span is of. */
export type SpanKind = 'request' | 'verb' | 'network' | 'stage' | 'converge' | 'background';

export interface Subject {
  readonly kind: SpanKind;
  /** `POST /networks/create`, `commit`, `network:ID`. */
  readonly name: string;
  /** Read when the span ends. */
  readonly fields?: LogFields;
}

export interface Note {
  /** Milliseconds since the trace began. */
  readonly at: number;
  readonly text: string;
  readonly fields: LogFields;
}

export interface Span {
  readonly subject: Subject;
  /** Milliseconds since the trace began. */
  readonly start: number;
  /** Undefined while it goes on. */
  milliseconds: number | undefined;
  /** '' for success. */
  error: string;
  readonly spans: Span[];
  readonly notes: Note[];
}

export interface Trace {
  /** Counts up. */
  readonly number: number;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly root: Span;
  /** Spans and notes that were left out, because there were too many. */
  left: number;
}

/** Called when a span ends. */
export type SpanListener = (span: Span) => void;

/** Traces that are kept: with spans or notes, and without any, which are many. Spans and notes of one. */
const keptTraces = 256;
const keptPlain = 64;
const mostParts = 1_000;

/** A trace that goes on. */
interface Course {
  readonly tracer: Tracer;
  readonly begun: number;
  parts: number;
  /** Undefined once it has ended, so that what was begun in its course (a timer, say) does not keep it. */
  trace: Trace | undefined;
}

/** Where spans and notes go; `span` is undefined once it has ended. */
interface Place {
  readonly course: Course;
  span: Span | undefined;
}

const places = new AsyncLocalStorage<Place>();

export class Tracer {
  readonly #kept: Trace[] = [];
  readonly #plain: Trace[] = [];
  readonly #spans = new Set<SpanListener>();
  readonly #traces = new Set<(trace: Trace) => void>();
  #count = 0;

  /** A span of the current trace, or of a new one. */
  run<T>(subject: Subject, act: () => T): T {
    const place = places.getStore();
    if (place?.course.trace && place.course.tracer === this) return span(subject, act);
    const root = spanOf(subject, 0);
    const trace = { number: ++this.#count, time: nowNanoseconds(), root, left: 0 };
    return record({ course: { tracer: this, begun: performance.now(), parts: 0, trace }, span: root }, act);
  }

  /** The last traces that have ended, oldest first. */
  past(): readonly Trace[] {
    return [...this.#kept, ...this.#plain].sort((a, b) => a.number - b.number);
  }

  /** Calls the listener with each span that ends, until the returned function is called. */
  onSpan(listener: SpanListener): () => void {
    this.#spans.add(listener);
    return () => this.#spans.delete(listener);
  }

  /** Calls the listener with each trace that ends, until the returned function is called. */
  onTrace(listener: (trace: Trace) => void): () => void {
    this.#traces.add(listener);
    return () => this.#traces.delete(listener);
  }

  /** A span has ended. */
  told(span: Span): void {
    for (const listener of this.#spans) listener(span);
  }

  ended(trace: Trace): void {
    const isPlain = trace.root.spans.length + trace.root.notes.length === 0;
    const [kept, most] = isPlain ? [this.#plain, keptPlain] : [this.#kept, keptTraces];
    kept.push(trace);
    if (kept.length > most) kept.shift();
    for (const listener of this.#traces) listener(trace);
  }
}

/** Runs it as a span of the current trace. */
export function span<T>(subject: Subject, act: () => T): T {
  const place = places.getStore();
  const trace = place?.course.trace;
  if (!place || !trace) return act();
  const { course } = place;
  const begun = spanOf(subject, performance.now() - course.begun);
  if (hasRoom(course, trace)) (place.span ?? trace.root).spans.push(begun);
  return record({ course, span: begun }, act);
}

/** Adds a decision and its reason to the current span. */
export function note(text: string, fields: LogFields = {}): void {
  const place = places.getStore();
  const trace = place?.course.trace;
  if (!place || !trace || !hasRoom(place.course, trace)) return;
  const at = performance.now() - place.course.begun;
  (place.span ?? trace.root).notes.push({ at, text, fields });
}

function hasRoom(course: Course, trace: Trace): boolean {
  course.parts += 1;
  if (course.parts <= mostParts) return true;
  trace.left += 1;
  return false;
}

const spanOf = (subject: Subject, start: number): Span => ({
  ...{ subject, start, milliseconds: undefined, error: '' },
  ...{ spans: [], notes: [] },
});

function record<T>(place: Place, act: () => T): T {
  try {
    const result = places.run(place, act);
    if (!(result instanceof Promise)) {
      end(place);
      return result;
    }
    return result.then(
      (value: unknown) => {
        end(place);
        return value;
      },
      (error: unknown) => {
        end(place, error);
        throw error;
      },
    ) as T;
  } catch (error) {
    end(place, error);
    throw error;
  }
}

function end(place: Place, error?: unknown): void {
  const { course, span: ending } = place;
  if (!ending) return;
  ending.milliseconds = performance.now() - course.begun - ending.start;
  if (error !== undefined) ending.error = messageOf(error);
  place.span = undefined;
  course.tracer.told(ending);
  const { trace } = course;
  if (trace?.root !== ending) return;
  course.trace = undefined;
  course.tracer.ended(trace);
}
