import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Container } from '../../src/model/container.ts';
import type { LogOptions } from '../../src/runtime/runtime.ts';
import { allLogs, Bench, type BoxRequest, readAll, unframe } from './runtime-fixture.ts';

let bench: Bench;

beforeAll(async () => {
  bench = new Bench();
  await bench.open();
});

afterAll(() => bench.close());

async function ended(script: string, ask: BoxRequest = {}): Promise<Container> {
  const container = bench.sh(script, ask);
  await bench.run(container);
  await bench.exit(container.id);
  await bench.runtime.remove(container.id);
  return container;
}

const logs = async (
  container: Container,
  options: Partial<LogOptions> = {},
): Promise<{ out: string; err: string }> =>
  unframe(await readAll(bench.runtime.logs(container, { ...allLogs, ...options })));

const filesOf = (container: Container): readonly string[] =>
  readdirSync(dirname(bench.runtime.logPath(container)));
/** Of conmon's own log, which is dropped as it is copied. */
const bytesOf = (container: Container): number =>
  filesOf(container)
    .filter((name) => !name.includes('-json.log'))
    .reduce((sum, name) => sum + statSync(join(dirname(bench.runtime.logPath(container)), name)).size, 0);

interface JsonLine {
  readonly log: string;
  readonly stream: string;
  readonly time: string;
}

/** The lines of the JSON log, once they are all written. */
async function jsonLines(
  container: Container,
  enough: (lines: readonly JsonLine[]) => boolean,
): Promise<readonly JsonLine[]> {
  for (let tries = 0; ; tries += 1) {
    const text = existsSync(bench.runtime.logPath(container))
      ? readFileSync(bench.runtime.logPath(container), 'utf8')
      : '';
    const lines = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as JsonLine);
    if (enough(lines) || tries > 200) return lines;
    await delay(20);
  }
}

/** The engine ends, and another one takes the containers over a while later. */
async function nextEngine(): Promise<void> {
  await bench.runtime.close();
  await delay(300);
  await (await bench.open()).adopt();
}

describe('the JSON log', () => {
  it('has every line of the container, in Docker’s format', async () => {
    const container = await ended('echo one; echo two >&2; printf three');
    const lines = await jsonLines(container, (found) => found.length === 3);
    expect(lines.map(({ log, stream }) => `${stream} ${log}`).sort()).toEqual([
      'stderr two\n',
      'stdout one\n',
      'stdout three',
    ]);
    expect(lines[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  });

  it('is rotated between lines, and what is full is compressed', async () => {
    const options = { 'max-size': '10k', 'max-file': '3', compress: 'true' };
    const container = await ended('seq 1 2000', {
      host: { LogConfig: { Type: 'json-file', Config: options } },
    });
    const file = bench.runtime.logPath(container);
    await jsonLines(container, (found) => found.at(-1)?.log === '2000\n');
    const old = ['2', '1'].map((age) => gunzipSync(readFileSync(`${file}.${age}.gz`)).toString());
    const lines = [...old, readFileSync(file, 'utf8')].join('').split('\n').filter(Boolean);
    const numbers = lines.map((line) => Number((JSON.parse(line) as JsonLine).log));
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => 2001 - numbers.length + at));
    // the position is written, under another name first, after the lines
    await vi.waitFor(() =>
      expect(
        filesOf(container)
          .filter((name) => name.includes('-json.log') && !name.endsWith('.tmp'))
          .sort(),
      ).toEqual(['', '.1.gz', '.2.gz', '.position'].map((end) => `${container.id}-json.log${end}`)),
    );
  });

  it('is what docker logs reads, also the files that are compressed', async () => {
    const options = { 'max-size': '10k', 'max-file': '3', compress: 'true' };
    const container = await ended('seq 1 2000', {
      host: { LogConfig: { Type: 'json-file', Config: options } },
    });
    const kept = (await logs(container)).out.trim().split('\n').map(Number);
    expect(kept.length).toBeGreaterThan(200);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, at) => 2001 - kept.length + at));
    const tail = (await logs(container, { tail: 150 })).out.trim().split('\n').map(Number);
    expect(tail).toEqual(Array.from({ length: 150 }, (_, at) => 1851 + at));
  });

  it('is all that stays of the log, also of one that is long', async () => {
    const container = bench.sh('seq 1 400000; sleep 1000');
    await bench.run(container);
    const last = async () => (await logs(container, { tail: 1 })).out.trim().split('\n').at(-1);
    await vi.waitFor(async () => expect(await last()).toBe('400000'), { timeout: 20_000 });
    // at most what is not full yet, and the file before it
    await vi.waitFor(() => expect(bytesOf(container)).toBeLessThan(3 << 20), { timeout: 10_000 });
    expect((await logs(container)).out.split('\n')).toHaveLength(400_001);
    await bench.runtime.remove(container.id);
    await vi.waitFor(() => expect(bytesOf(container)).toBe(0), { timeout: 10_000 });
    expect((await logs(container)).out.split('\n')).toHaveLength(400_001);
  });

  it('is complete and without doubles when the engine is away for a while', async () => {
    const container = bench.sh('for i in $(seq 1 300); do echo $i; sleep 0.01; done');
    await bench.run(container);
    await jsonLines(container, (lines) => lines.length > 20);
    await nextEngine();
    await jsonLines(container, (lines) => lines.length > 150);
    await nextEngine();
    const lines = await jsonLines(container, (found) => found.length >= 300);
    expect(lines.map(({ log }) => Number(log))).toEqual(Array.from({ length: 300 }, (_, at) => at + 1));
  });
});

describe('logs', () => {
  it('outlive the container, stream by stream', async () => {
    const container = await ended('echo one; echo two >&2; printf three');
    expect(await logs(container)).toEqual({ out: 'one\nthree', err: 'two\n' });
    expect(await logs(container, { stdout: false })).toEqual({ out: '', err: 'two\n' });
    expect(bench.runtime.logPath(container)).toContain(container.id);
    await bench.runtime.removeLogs(container.id);
    expect(existsSync(dirname(bench.runtime.logPath(container)))).toBe(false);
    expect(await logs(container)).toEqual({ out: '', err: '' });
  });

  it('give back long lines whole, and the last ones without reading the rest', async () => {
    const container = await ended(
      'for i in $(seq 1 5000); do echo line $i; done; head -c 50000 /dev/zero | tr "\\0" x; echo; echo end',
    );
    const { out } = await logs(container, { tail: 3 });
    expect(out).toBe(`line 5000\n${'x'.repeat(50000)}\nend\n`);
    expect((await logs(container)).out.split('\n')).toHaveLength(5003);
    expect((await logs(container, { tail: 0 })).out).toBe('');
    expect((await logs(container, { tail: 99999 })).out.split('\n')).toHaveLength(5003);
  });

  it('know the time of each line', async () => {
    const container = await ended('echo early; sleep 0.3; echo late');
    const { out } = await logs(container, { timestamps: true });
    const times = out
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0] ?? '');
    expect(out).toMatch(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z \w+\n){2}$/);
    const middle = BigInt(Date.parse(times[1] ?? '') - 100) * 1_000_000n;
    expect((await logs(container, { since: middle })).out).toBe('late\n');
    expect((await logs(container, { until: middle })).out).toBe('early\n');
  });

  it('can be followed until the container ends', async () => {
    const container = bench.sh('for i in 1 2 3; do echo $i; sleep 0.1; done; echo end; printf tail');
    await bench.run(container);
    const { out } = await logs(container, { follow: true });
    expect(out).toBe('1\n2\n3\nend\ntail');
    await bench.exit(container.id);
    expect((await logs(container, { follow: true, tail: 1 })).out).toBe('tail');
  });

  it('can be left while they are followed', async () => {
    const container = bench.sh('echo one; sleep 100');
    await bench.run(container);
    for await (const _ of bench.runtime.logs(container, { ...allLogs, follow: true })) break;
    await bench.runtime.remove(container.id);
  });

  it('with a terminal have no headers', async () => {
    const container = await ended('echo hi', { config: { Tty: true } });
    const raw = await readAll(bench.runtime.logs(container, allLogs));
    expect(raw.toString()).toBe('hi\r\n');
  });

  it('of the driver none are not kept', async () => {
    const container = await ended('echo hi', { host: { LogConfig: { Type: 'none', Config: {} } } });
    await expect(logs(container)).rejects.toThrow('configured logging driver does not support reading');
  });

  it('of a driver that is not there are refused by name', async () => {
    const container = bench.sh('true', { host: { LogConfig: { Type: 'syslog', Config: {} } } });
    await expect(bench.create(container)).rejects.toThrow(
      'the log driver "syslog" is not supported by seaway',
    );
  });
});

describe('rotation', () => {
  const rotated = (files: string): BoxRequest => ({
    host: { LogConfig: { Type: 'json-file', Config: { 'max-size': '20k', 'max-file': files } } },
  });
  const numbers = 'for i in $(seq 1 40); do seq $((i*100)) $((i*100+99)); sleep 0.05; done; sleep 0.3';

  it('is read no more when its follower has gone, though nothing is written', async () => {
    const container = bench.sh('sleep 60');
    await bench.run(container);
    const gone = new AbortController();
    const pieces = bench.runtime.logs(container, { ...allLogs, follow: true, gone: gone.signal });
    const waiting = pieces[Symbol.asyncIterator]();
    const first = waiting.next();
    const closed = waiting.return?.();
    await delay(100);
    gone.abort();
    await expect(Promise.all([first, closed])).resolves.toMatchObject([{ done: true }, { done: true }]);
  });

  it('keeps the last files without a gap, and a follower sees every line', async () => {
    const container = bench.sh(numbers, rotated('3'));
    await bench.run(container);
    const followed = logs(container, { follow: true });
    await bench.exit(container.id);
    const { out } = await followed;
    expect(out.trim().split('\n').map(Number)).toEqual(Array.from({ length: 4000 }, (_, i) => i + 100));
    const kept = (await logs(container)).out.trim().split('\n').map(Number);
    expect(kept.length).toBeLessThan(4000);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 4100 - kept.length + i));
    await vi.waitFor(() => expect(bytesOf(container)).toBe(0), { timeout: 10_000 });
    expect((await logs(container, { tail: 700 })).out.trim().split('\n')).toHaveLength(700);
  });

  it('with one file starts over', async () => {
    const container = await ended(numbers, rotated('1'));
    await delay(10);
    const kept = (await logs(container)).out.trim().split('\n').map(Number);
    expect(kept.length).toBeLessThan(500);
    expect(kept.at(-1)).toBe(4099);
    await vi.waitFor(() => expect(bytesOf(container)).toBe(0), { timeout: 10_000 });
  });
});
