import { describe, expect, it } from 'vitest';
import { servingFilter } from './calls.ts';
import { filterProgram } from './filter.ts';

const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;

/** What the kernel would answer to a call: classic BPF, as much of it as the program has. */
function answerOf(
  program: Buffer,
  call: { number: number; architecture: number; argument?: number },
): number {
  let accumulator = 0;
  for (let at = 0; ; at += 1) {
    const code = program.readUInt16LE(at * 8);
    const [yes, no] = [program.readUInt8(at * 8 + 2), program.readUInt8(at * 8 + 3)];
    const value = program.readUInt32LE(at * 8 + 4);
    const jump = (taken: boolean): void => {
      at += taken ? yes : no;
    };
    if (code === 0x06) return value;
    if (code === 0x20)
      accumulator = { 0: call.number, 4: call.architecture, 16: call.argument ?? 0 }[value] ?? Number.NaN;
    else if (code === 0x15) jump(accumulator === value);
    else if (code === 0x35) jump(accumulator >= value);
    else if (code === 0x45) jump((accumulator & value) !== 0);
    else throw new Error(`unknown instruction ${code}`);
  }
}

describe.each([
  ['x64', 0xc000003e, { read: 0, socket: 41, clone: 56, execve: 59, mount: 165, setns: 308, connect: 42 }],
  [
    'arm64',
    0xc00000b7,
    { read: 63, socket: 198, clone: 220, execve: 221, mount: 40, setns: 268, connect: 203 },
  ],
] as const)('the filter of a serving process on %s', (machine, architecture, calls) => {
  const spec = servingFilter(machine);
  const program = spec ? filterProgram(spec) : Buffer.alloc(0);
  const answer = (number: number, argument = 0) => answerOf(program, { number, architecture, argument });

  it('lets through what sockets and files need', () => {
    expect([calls.read, calls.connect].map((number) => answer(number))).toEqual([ALLOW, ALLOW]);
    expect([1, 2, 10].map((family) => answer(calls.socket, family))).toEqual([ALLOW, ALLOW, ALLOW]);
    // a thread, as the C library makes it
    expect(answer(calls.clone, 0x3d0f00)).toBe(ALLOW);
  });

  it('denies programs, children, namespaces, mounts and other kinds of sockets', () => {
    for (const number of [calls.execve, calls.mount, calls.setns]) expect(answer(number)).toBe(EPERM);
    expect(answer(calls.clone, 0x11)).toBe(EPERM);
    expect(answer(calls.clone, 0x3d0f00 | 0x40000000)).toBe(EPERM);
    for (const family of [16, 17, 38, 40]) expect(answer(calls.socket, family)).toBe(0x00050061);
    expect(answer(435)).toBe(0x00050026);
  });

  it('denies everything of another architecture', () => {
    expect(answerOf(program, { number: calls.read, architecture: 0x40000003 })).toBe(EPERM);
  });
});

it('x32 calls are denied on x86-64, and an unknown machine has no filter', () => {
  const spec = servingFilter('x64');
  const program = spec ? filterProgram(spec) : Buffer.alloc(0);
  expect(answerOf(program, { number: 0x40000000, architecture: 0xc000003e })).toBe(EPERM);
  expect(servingFilter('riscv64')).toBeUndefined();
});
