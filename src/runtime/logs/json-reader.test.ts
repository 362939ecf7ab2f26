import { expect, it, test } from 'vitest';
import { JsonLines } from './json-lines.ts';
import { isFullJson, JsonReader } from './json-reader.ts';

const time = '2026-01-02T03:04:05.123456789+00:00';
const lineOf = (text: string, { stream = 'stdout', tag = 'F', at = time } = {}): string =>
  `${at} ${stream} ${tag} ${text}\n`;

const there = (text: string, attributes = ''): Buffer => {
  const lines = new JsonLines(attributes);
  return Buffer.concat([lines.take(Buffer.from(text)), lines.flush()]);
};

test.each([
  ['plain text', lineOf('one')],
  ['nothing', lineOf('')],
  ['quotes and backslashes', lineOf('a "b" \\n \\\\ \\')],
  ['other characters', lineOf('ü € 😀 \t <&>')],
  ['standard error', lineOf('two', { stream: 'stderr' })],
  ['a line that is not over', lineOf('three', { tag: 'P' })],
  ['one that is not over and ends with a backslash', lineOf('four\\', { tag: 'P' })],
  ['several lines', lineOf('1') + lineOf('2', { stream: 'stderr' }) + lineOf('3')],
])('%s comes back as it was', (_name, text) => {
  for (const attributes of ['', '"attrs":{"a":"b\\"c"},'])
    expect(new JsonReader().take(there(text, attributes)).toString()).toBe(text);
});

test.each([
  ['text\n', true],
  ['text', false],
  ['\n', true],
  ['', false],
  ['a backslash and an n: \\n', false],
  ['a backslash before the end: \\\n', true],
])('whether %j is a whole line', (log, full) => {
  const line = Buffer.from(`before\n${JSON.stringify({ log, stream: 'stdout', time: 'x' })}\n`);
  expect(isFullJson(line, 7)).toBe(full);
});

it('leaves out what was read before where its file has got another name', () => {
  const reader = new JsonReader();
  const later = '2026-01-02T03:04:06.000000000+00:00';
  reader.take(there(lineOf('one')));
  reader.skipSeen();
  const again = there(lineOf('one') + lineOf('two', { at: later }));
  expect(reader.take(again).toString()).toBe(lineOf('two', { at: later }));
});

it('leaves out what the engine did not write', () => {
  expect(new JsonReader().take(Buffer.from('garbage\n\n')).length).toBe(0);
});
