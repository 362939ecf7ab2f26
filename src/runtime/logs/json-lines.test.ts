import { describe, expect, it } from 'vitest';
import { JsonLines } from './json-lines.ts';

const time = '2026-01-02T03:04:05.123456789+00:00';
const utc = '2026-01-02T03:04:05.123456789Z';
const line = (text: string | Buffer, stream = 'stdout', tag = 'F'): Buffer =>
  Buffer.concat([Buffer.from(`${time} ${stream} ${tag} `), Buffer.from(text), Buffer.from('\n')]);

describe('a line of the JSON log', () => {
  it('has text, stream, attributes and time', () => {
    const lines = new JsonLines('"attrs":{"a":"1"},');
    expect(lines.take(Buffer.concat([line('out'), line('err', 'stderr')])).toString()).toBe(
      `{"log":"out\\n","stream":"stdout","attrs":{"a":"1"},"time":"${utc}"}\n` +
        `{"log":"err\\n","stream":"stderr","attrs":{"a":"1"},"time":"${utc}"}\n`,
    );
  });

  // as dockerd 28.5 wrote them
  it.each([
    ['out "q" <b> & \\ tab\tx', 'out \\"q\\" \\u003cb\\u003e \\u0026 \\\\ tab\\u0009x'],
    [Buffer.from('\x1b[1m\x01\u2028\xffz', 'utf8'), '\\u001b[1m\\u0001\\u2028ÿz'],
    [Buffer.from([0x61, 0xff, 0x62]), 'a\\ufffdb'],
    ['a\rb', 'a\\rb'],
    ['grün 😀', 'grün 😀'],
    ['', ''],
  ])('%j is escaped as %s', (text, escaped) => {
    const output = new JsonLines('').take(line(text)).toString();
    expect(output).toBe(`{"log":"${escaped}\\n","stream":"stdout","time":"${utc}"}\n`);
  });

  it('is joined from what conmon read of it, and cut where Docker cuts', () => {
    const lines = new JsonLines('');
    expect(lines.take(line('partial', 'stdout', 'P')).toString()).toBe('');
    const rest = lines.take(Buffer.concat([line('x'.repeat(20_000), 'stdout', 'P'), line('end')]));
    const texts = rest
      .toString()
      .split('\n')
      .filter(Boolean)
      .map((text) => (JSON.parse(text) as { log: string }).log);
    expect(texts.map((text) => text.length)).toEqual([16_384, 20_000 + 7 - 16_384 + 4]);
    expect(texts[1]?.endsWith('xend\n')).toBe(true);
  });

  it('without an end is kept, also for the next engine, and is all there is when the container ends', () => {
    const lines = new JsonLines('');
    lines.take(Buffer.concat([line('a', 'stdout', 'P'), line('b', 'stderr', 'P')]));
    const next = new JsonLines('', lines.held);
    expect(next.take(line('c')).toString()).toContain('{"log":"ac\\n","stream":"stdout"');
    expect(next.flush().toString()).toContain('{"log":"b","stream":"stderr"');
    expect(next.flush().length).toBe(0);
  });
});
