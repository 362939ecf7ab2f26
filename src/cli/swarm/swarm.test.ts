import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Context } from '../context.ts';
import { Convergence } from './convergence.ts';
import { dataOf } from './files.ts';
import { bar, type Line, type Screen } from './screen.ts';
import { meshPorts } from './services.ts';
import { shellWords } from './shell-words.ts';
import type { Port, Service, Task } from './types.ts';

class Recorded implements Screen {
  readonly lines: string[] = [];

  async show({ id, text, done, of }: Line): Promise<void> {
    this.lines.push(`${id}: ${text}${of === undefined ? '' : ` ${done}/${of}`}`);
  }

  async say(text: string): Promise<void> {
    this.lines.push(text);
  }
}

const service = (more: object): Service =>
  ({
    ID: 's',
    Spec: { Name: 'web', Mode: { Replicated: { Replicas: 2 } }, UpdateConfig: { Monitor: 1 } },
    ...more,
  }) as unknown as Service;

const task = (slot: number, state: string, more: object = {}): Task =>
  ({
    ID: `t${slot}`,
    Slot: slot,
    NodeID: 'n',
    DesiredState: 'running',
    Status: { State: state },
    ...more,
  }) as unknown as Task;

/** An engine that answers with the next of these moments at each look. */
function watching(moments: readonly { readonly service: Service; readonly tasks: readonly Task[] }[]) {
  const screen = new Recorded();
  let at = -1;
  const get = async (path: string): Promise<unknown> => {
    if (path.startsWith('/services/')) at = Math.min(at + 1, moments.length - 1);
    const now = moments[at];
    if (path === '/nodes') return [{ ID: 'n', Status: { State: 'ready' } }];
    return path === '/tasks' ? now?.tasks : now?.service;
  };
  const wait = new Convergence({ get } as ConstructorParameters<typeof Convergence>[0], screen, 's');
  return { screen, wait };
}

describe('waiting for a service', () => {
  it('shows states, and ends when all tasks have run for a while', async () => {
    const { screen, wait } = watching([
      { service: service({}), tasks: [task(1, 'preparing'), task(2, 'pending')] },
      { service: service({}), tasks: [task(1, 'running'), task(2, 'running')] },
    ]);
    const steps = [await wait.step(), await wait.step(), await wait.step()];
    expect(steps).toEqual([false, false, true]);
    expect(screen.lines.filter((line) => !line.includes('Waiting'))).toEqual([
      'overall progress: 0 out of 2 tasks',
      '1/2:  ',
      '2/2:  ',
      '1/2: preparing 6/9',
      '2/2: pending   3/9',
      'overall progress: 0 out of 2 tasks',
      '1/2: running   9/9',
      '2/2: running   9/9',
      'overall progress: 2 out of 2 tasks',
      'verify: Service s converged',
    ]);
  });

  it('says why a task does not run', async () => {
    const why = `no suitable node (insufficient resources on 1 node)\n${'x'.repeat(90)}`;
    const pending = task(1, 'pending', { Status: { State: 'pending', Err: why } });
    const { screen, wait } = watching([{ service: service({}), tasks: [pending] }]);
    await wait.step();
    const line = screen.lines.find((each) => each.startsWith('1/2: no suitable'));
    expect(line).toHaveLength('1/2: '.length + 75);
    expect(line?.endsWith('…')).toBe(true);
  });

  it('begins again when a task fails meanwhile', async () => {
    const { screen, wait } = watching([
      { service: service({}), tasks: [task(1, 'running'), task(2, 'running')] },
      { service: service({ Spec: { ...service({}).Spec, UpdateConfig: { Monitor: 60e9 } } }), tasks: [] },
    ]);
    const { converged } = { converged: await wait.step() };
    expect(converged).toBe(false);
    // The monitor of the second look is longer than what has passed.
    expect(await wait.step()).toBe(false);
    expect(screen.lines.at(-1)).toBe('verify: Detected task failure');
  });

  it('fails when the update or the rollback pauses', async () => {
    const paused = (State: string) =>
      watching([{ service: service({ UpdateStatus: { State, Message: 'why' } }), tasks: [] }]).wait.step();
    await expect(paused('paused')).rejects.toThrow('service update paused: why');
    await expect(paused('rollback_paused')).rejects.toThrow('service rollback paused: why');
  });

  it('shows that an update is rolled back', async () => {
    const back = service({ UpdateStatus: { State: 'rollback_started', Message: 'rolling back' } });
    const { screen, wait } = watching([{ service: back, tasks: [task(1, 'running')] }]);
    await wait.step();
    expect(screen.lines[0]).toBe('rollback: rolling back');
    expect(screen.lines.at(-1)).toBe('overall progress: rolling back update: 1 out of 2 tasks');
  });

  it('counts the tasks of a job', async () => {
    const job = service({
      Spec: { Name: 'job', Mode: { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 2 } } },
      JobStatus: { JobIteration: { Index: 4 } },
    });
    const of = (slot: number, state: string, Index = 4) => task(slot, state, { JobIteration: { Index } });
    const { screen, wait } = watching([
      { service: job, tasks: [of(0, 'complete'), of(1, 'running'), of(1, 'complete', 3)] },
      { service: job, tasks: [of(0, 'complete'), of(1, 'complete')] },
    ]);
    expect([await wait.step(), await wait.step()]).toEqual([false, true]);
    expect(screen.lines).toContain('job progress: 1 out of 2 complete 1/2');
    expect(screen.lines).toContain('active tasks: 1 out of 1 tasks');
    expect(screen.lines.at(-1)).toBe('job complete');
  });
});

it('a secret is read from standard input byte by byte, whether it is text or not', async () => {
  const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x28]);
  const stdin = Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]) as unknown as Context['stdin'];
  expect(await dataOf({ stdin }, '-')).toEqual(bytes);
});

describe('texts', () => {
  it('bars are fifty wide', () => {
    expect(bar(9, 9)).toBe(`[${'='.repeat(50)}>] `);
    expect(bar(3, 9)).toBe(`[${'='.repeat(16)}>${' '.repeat(34)}] `);
  });

  it.each([
    ['a b', ['a', 'b']],
    [`a "b c" 'd "e' f\\ g`, ['a', 'b c', 'd "e', 'f g']],
    ['a # b', ['a']],
    ['a"b"\'c\'', ['abc']],
    ['"a\\"b"', ['a"b']],
  ])('words of %s', (text, words) => {
    expect(shellWords(text)).toEqual(words);
  });

  it.each(['a "b', "a 'b", 'a\\'])('%s does not end', (text) => {
    expect(() => shellWords(text)).toThrow('EOF found');
  });

  it('neighbouring ports are one range, as long as their targets are neighbours too', () => {
    const port = (PublishedPort: number, TargetPort: number, Protocol = 'tcp'): Port => ({
      Protocol,
      PublishedPort,
      TargetPort,
      PublishMode: 'ingress',
    });
    expect(meshPorts([port(81, 81), port(80, 80), port(82, 80)])).toBe('*:80-81->80-81/tcp, *:82->80/tcp');
    expect(meshPorts([port(80, 80), port(81, 80), port(83, 80)])).toBe('*:80-81->80/tcp, *:83->80/tcp');
    expect(meshPorts([port(80, 80), port(81, 81, 'udp')])).toBe('*:80->80/tcp, *:81->81/udp');
    expect(meshPorts([{ ...port(80, 80), PublishMode: 'host' }])).toBe('');
  });
});
