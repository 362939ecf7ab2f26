/** A trace as text: a line per span and note, each as far to the right as it is deep. */
import type { SpanLine, TraceLine } from '#client/seaway-answers.ts';

const quoted = (value: string): string => (/^[^\s"=]+$/.test(value) ? value : JSON.stringify(value));

const pairs = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([key, value]) => ` ${key}=${quoted(value)}`)
    .join('');

const took = (milliseconds: number | null): string =>
  milliseconds === null ? 'goes on' : `${milliseconds.toFixed(1)} ms`;

/** Spans and notes in the order in which they began. */
function inside({ Spans, Notes }: SpanLine, indent: string): readonly string[] {
  const parts = [
    ...Notes.map(({ At, Text, Fields }) => ({ at: At, lines: [`${indent}${Text}${pairs(Fields)}`] })),
    ...Spans.map((span) => ({ at: span.Start, lines: spanLines(span, indent) })),
  ];
  return parts.sort((a, b) => a.at - b.at).flatMap(({ lines }) => lines);
}

const spanLines = (span: SpanLine, indent: string): readonly string[] => [
  `${indent}${span.Kind === 'converge' ? 'converge ' : ''}${span.Name}${pairs(span.Fields)}  ${took(span.Milliseconds)}${failure(span)}`,
  ...inside(span, `${indent}  `),
];

const failure = ({ Error: error }: SpanLine): string =>
  error === '' ? '' : `  error=${JSON.stringify(error)}`;

/** Ids as docker shows them. */
const shortened = (text: string): string => text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1');

export function showTrace(trace: TraceLine): string {
  const head = spanLines(trace, '').map((line, index) => (index === 0 ? `${trace.Time} ${line}` : line));
  const left = trace.Left === 0 ? [] : [`  and ${trace.Left} more`];
  return shortened(`${[...head, ...left].join('\n')}\n`);
}
