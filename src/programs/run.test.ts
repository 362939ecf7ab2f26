import { describe, expect, it } from 'vitest';
import { messageOf } from '../errors.ts';
import { runProgram } from './run.ts';
import { hasStarted, startPiped, startProgram } from './start.ts';

const failing = (running: Promise<unknown>): Promise<string> => running.then(() => 'no error', messageOf);

describe('a program that is run', () => {
  it('gets the input; its output, words and status are told', async () => {
    const ran = await runProgram('sh', ['-c', 'cat; echo no >&2; exit 3'], { input: 'text' });
    expect(ran).toEqual({ code: 3, signal: null, stdout: 'text', stderr: 'no\n' });
  });

  it('may leave its input unread', async () => {
    const input = Buffer.alloc(1 << 20);
    expect(await runProgram('true', [], { input })).toMatchObject({ code: 0 });
  });

  it('that is missing is named', async () => {
    expect(await failing(runProgram('seaway-no-such', []))).toBe(
      'exec: "seaway-no-such": executable file not found in $PATH',
    );
  });

  it('that may not be executed is named', async () => {
    expect(await failing(runProgram('/etc/passwd', []))).toBe('running /etc/passwd: permission denied');
  });

  it('that does not end is killed, also where its children hold its output open', async () => {
    const began = performance.now();
    const running = runProgram('sh', ['-c', 'sleep 5 & sleep 6'], { limit: 100 });
    expect(await failing(running)).toBe('sh has not ended within 0.1 s');
    expect(performance.now() - began).toBeLessThan(3000);
  });

  it('that says too much is killed', async () => {
    const running = runProgram('sh', ['-c', 'while :; do echo yes; done'], { most: 10_000 });
    expect(await failing(running)).toBe('running sh: it says too much');
  });
});

describe('a program that is started', () => {
  it('is told as started, and its end', async () => {
    const started = startProgram('sh', ['-c', 'exit 4'], { stdio: 'ignore' });
    await hasStarted(started);
    expect(await started.ended).toEqual({ code: 4, signal: null });
  });

  it('and is missing rejects, and needs nobody who waits', async () => {
    startProgram('seaway-no-such', []);
    const again = startProgram('seaway-no-such', []);
    expect(await failing(hasStarted(again))).toContain('executable file not found');
  });

  it('where memory is short is that error', () => {
    const inside = (): never => {
      throw Object.assign(new Error('spawn ENOMEM'), { errno: -12, code: 'ENOMEM' });
    };
    expect(() => startProgram('true', [], { inside })).toThrow('running true: not enough memory');
  });
});

describe('a program that is fed and read', () => {
  it('and hangs is killed, with what it has started, and who waits is told', async () => {
    const { child, ended } = startPiped('sh', ['-c', 'sleep 5 & sleep 6'], { silence: 100 });
    child.stdin.end();
    const read = child.stdout.toArray();
    expect(await failing(read)).toBe('sh has not ended within 0.1 s');
    expect(await failing(ended)).toBe('sh has not ended within 0.1 s');
  });

  it('and takes nothing is killed', async () => {
    const { child, ended } = startPiped('sleep', ['5'], { silence: 100 });
    const written = new Promise<unknown>((resolve) => child.stdin.write(Buffer.alloc(1 << 20), resolve));
    child.stdout.resume();
    expect(await failing(ended)).toBe('sleep has not ended within 0.1 s');
    expect(await written).toBeInstanceOf(Error);
  });

  it('may wait for its input, and for who reads its output', async () => {
    const waiting = startPiped('cat', [], { silence: 1000 });
    waiting.child.stdout.resume();
    const held = startPiped('head', ['-c', '1000000', '/dev/zero'], { silence: 1000 });
    held.child.stdin.end();
    held.child.stdout.once('readable', () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    waiting.child.stdin.end();
    held.child.stdout.resume();
    expect(await waiting.ended).toMatchObject({ code: 0 });
    expect(await held.ended).toMatchObject({ code: 0 });
  });
});
