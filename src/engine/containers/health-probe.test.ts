import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { countingGenerators, world } from '../../../test/model/fixture.ts';
import { probe } from './health-probe.ts';

const frame = (text: string): Buffer => {
  const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, text.length]);
  return Buffer.concat([header, Buffer.from(text)]);
};

const instruments = { checked: () => undefined };

test('a check that takes too long is ended, and what it said so far is kept', async () => {
  const { model, container } = world();
  const check = { Test: ['CMD', 'check'], Timeout: 50_000_000 };
  const web = container('web');
  const child = spawn('sleep', ['60']);
  const exited = new Promise<number>((resolve) => child.on('exit', () => resolve(137)));
  const stream = new PassThrough();
  stream.write(frame('so far\n'));
  const runtime = { exec: async () => ({ pid: child.pid ?? 0, exited, stream }) };
  const events = { emit: () => undefined };
  const result = await probe(
    { model, generate: countingGenerators(), runtime, events, instruments },
    { ...web, config: { ...web.config, Healthcheck: check } },
    check,
  );
  expect(result).toMatchObject({ exitCode: -1, output: 'Health check exceeded timeout (50ms): so far\n' });
  expect(await exited).toBe(137);
});

test('a check whose process has just ended, without its exit being known, is late all the same', async () => {
  const { model, container } = world();
  const check = { Test: ['CMD', 'check'], Timeout: 50_000_000 };
  const web = container('web');
  const child = spawn('true');
  await once(child, 'exit');
  const runtime = {
    exec: async () => ({ pid: child.pid ?? 0, exited: new Promise<number>(() => undefined) }),
  };
  const result = await probe(
    { model, generate: countingGenerators(), runtime, events: { emit: () => undefined }, instruments },
    { ...web, config: { ...web.config, Healthcheck: check } },
    check,
  );
  expect(result).toMatchObject({ exitCode: -1, output: 'Health check exceeded timeout (50ms)' });
});
