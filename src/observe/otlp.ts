/** Traces as OpenTelemetry's JSON (OTLP 1.x, opentelemetry-proto, trace/v1; ids in hexadecimal, times as text). Pure. */
import { messageOf } from '../errors.ts';
import type { LogFields } from './logger.ts';
import type { Note, Span, Trace } from './trace.ts';

/** Draws that many random bytes, as hexadecimal. */
export type Draw = (bytes: number) => string;

export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly events: readonly object[];
  readonly status: object;
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: object;
}

const internal = 1;
const server = 2;
const failed = 2;

function attributesOf(fields: LogFields): readonly OtlpAttribute[] {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value: otlpValue(value) }));
}

function otlpValue(value: unknown): object {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (value instanceof Error) return { stringValue: messageOf(value) };
  return { stringValue: typeof value === 'string' ? value : JSON.stringify(value) };
}

/** `traceparent` of a request (W3C Trace Context): whose work it is part of. */
function parentOf({
  fields = {},
}: Span['subject']): { readonly traceId: string; readonly spanId: string } | undefined {
  const [, traceId = '', spanId = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(String(fields.traceparent ?? '')) ?? [];
  return traceId === '' ? undefined : { traceId, spanId };
}

/** All spans of a trace, the root first. */
export function otlpSpans({ time, root }: Trace, draw: Draw): readonly OtlpSpan[] {
  const at = (milliseconds: number): string => String(time + BigInt(Math.round(milliseconds * 1e6)));
  const parent = parentOf(root.subject);
  const traceId = parent?.traceId ?? draw(16);
  const event = ({ at: when, text, fields }: Note): object => ({
    ...{ timeUnixNano: at(when), name: text, attributes: attributesOf(fields) },
  });
  const spansOf = (span: Span, parentSpanId: string | undefined): readonly OtlpSpan[] => {
    const { subject, start, milliseconds = 0, error } = span;
    const spanId = draw(8);
    const made: OtlpSpan = {
      ...{ traceId, spanId, ...(parentSpanId !== undefined && { parentSpanId }) },
      name: subject.name,
      kind: subject.kind === 'request' ? server : internal,
      ...{ startTimeUnixNano: at(start), endTimeUnixNano: at(start + milliseconds) },
      attributes: attributesOf({ 'seaway.kind': subject.kind, ...subject.fields }),
      events: span.notes.map(event),
      status: error === '' ? {} : { code: failed, message: error },
    };
    return [made, ...span.spans.flatMap((inner) => spansOf(inner, spanId))];
  };
  return spansOf(root, parent?.spanId);
}

/** The body of `POST /v1/traces`. */
export const otlpRequest = (
  spans: readonly OtlpSpan[],
  { service, version }: { readonly service: string; readonly version: string },
): object => ({
  resourceSpans: [
    {
      resource: { attributes: attributesOf({ 'service.name': service, 'service.version': version }) },
      scopeSpans: [{ scope: { name: 'seaway' }, spans }],
    },
  ],
});
