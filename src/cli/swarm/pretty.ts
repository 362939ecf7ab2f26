/** Texts of `inspect --pretty`: lines that are there only where they say something. */
import { formatDuration, humanDuration } from '../../go/duration.ts';

/** A line, several, or none. */
export type Lines = string | readonly Lines[] | undefined | false;

const flat = (lines: Lines): string[] => {
  if (lines === undefined || lines === false) return [];
  return typeof lines === 'string' ? [lines] : lines.flatMap(flat);
};

/** The text, with its end. */
export const textOfLines = (...lines: readonly Lines[]): string => `${flat(lines).join('\n')}\n`;

/** Names in order, each with its value where it has one. */
export const labelLines = (
  labels: Readonly<Record<string, string>> | undefined,
  show: (name: string, value: string) => string,
): string[] =>
  Object.entries(labels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => show(name, value));

/** Nanoseconds as Go prints them. */
export const duration = (nanoseconds: number): string => formatDuration(nanoseconds / 1e6);

export const ago = (text: string, now: number): string => `${humanDuration(now - Date.parse(text))} ago`;

/** Like a list of Go: `[a b]`. */
export const goList = (texts: readonly string[]): string => `[${texts.join(' ')}]`;
