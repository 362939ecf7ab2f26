import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { note, type Span, span, Tracer } from './trace.ts';

const request = (name: string) => ({ kind: 'request', name }) as const;
const stage = (name: string) => ({ kind: 'stage', name }) as const;

/** Names, nested as the spans are. */
const shape = ({ subject, spans }: Span): unknown =>
  spans.length === 0 ? subject.name : [subject.name, ...spans.map(shape)];

describe('a trace', () => {
  it('has the stages in whose course they happened, at the same time too', async () => {
    const tracer = new Tracer();
    const work = (name: string) =>
      tracer.run(request(name), async () => {
        await span(stage('plan'), () => delay(1));
        await Promise.all([
          span(stage('root'), () => delay(2)),
          span(stage('network'), () => span(stage('link'), () => delay(1))),
        ]);
        return name;
      });
    expect(await Promise.all([work('a'), work('b')])).toEqual(['a', 'b']);
    expect(tracer.past().map(({ root }) => shape(root))).toEqual(
      ['a', 'b'].map((name) => [name, 'plan', 'root', ['network', 'link']]),
    );
  });

  it('takes a run within it as a span', () => {
    const tracer = new Tracer();
    tracer.run(request('outer'), () => tracer.run(stage('inner'), () => 1));
    expect(tracer.past().map(({ root }) => shape(root))).toEqual([['outer', 'inner']]);
  });

  it('says what failed, and throws it', async () => {
    const tracer = new Tracer();
    const wrong = new Error('it broke');
    const failing = tracer.run(request('a'), () => span(stage('b'), () => Promise.reject(wrong)));
    await expect(failing).rejects.toBe(wrong);
    const [{ root } = { root: undefined }] = tracer.past();
    expect([root?.error, root?.spans[0]?.error]).toEqual(['it broke', 'it broke']);
  });

  it('has notes at the span in whose course they were made', () => {
    const tracer = new Tracer();
    tracer.run(request('a'), () => {
      span(stage('b'), () => note('address', { why: 'asked for' }));
      note('done');
    });
    const [{ root } = { root: undefined }] = tracer.past();
    expect(root?.notes.map(({ text }) => text)).toEqual(['done']);
    expect(root?.spans[0]?.notes).toMatchObject([{ text: 'address', fields: { why: 'asked for' } }]);
  });

  it('is not changed by what was begun in its course and goes on after it', async () => {
    const tracer = new Tracer();
    let late = Promise.resolve();
    tracer.run(request('a'), () => {
      late = delay(1).then(() => {
        note('late');
        return span(stage('late'), () => tracer.run(stage('next'), () => undefined));
      });
    });
    await late;
    expect(tracer.past().map(({ root }) => shape(root))).toEqual(['a', 'next']);
    expect(tracer.past()[0]?.root.notes).toEqual([]);
  });

  it('counts what is too much for it', () => {
    const tracer = new Tracer();
    tracer.run(request('a'), () => {
      for (let count = 0; count < 1_010; count++) note('again');
    });
    expect(tracer.past()[0]).toMatchObject({ left: 10 });
    expect(tracer.past()[0]?.root.notes.length).toBe(1_000);
  });
});

it('nothing is noted outside of a trace', () => {
  note('nowhere');
  expect(span(stage('alone'), () => 5)).toBe(5);
});

it('the last 256 traces are kept, the last 64 of those without spans and notes, and listeners are told of each and of each span', () => {
  const tracer = new Tracer();
  const told: string[] = [];
  const ends = [
    tracer.onTrace(({ root }) => told.push(`trace ${root.subject.name}`)),
    tracer.onSpan(({ subject }) => told.push(subject.name)),
  ];
  tracer.run(request('0'), () => span(stage('plan'), () => undefined));
  for (const end of ends) end();
  for (let count = 1; count <= 256; count++) tracer.run(request(`${count}`), () => note('x'));
  for (let count = 1; count <= 65; count++) tracer.run(request('plain'), () => undefined);
  expect(told).toEqual(['plan', '0', 'trace 0']);
  expect(tracer.past().length).toBe(256 + 64);
  expect(tracer.past()[0]?.number).toBe(2);
});
