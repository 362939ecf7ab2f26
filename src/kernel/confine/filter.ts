/** A program for seccomp(2) that denies system calls by number, as bytes. Pure. */

import { instruction, opcode } from '../ffi/bpf.ts';

const { loadWord: load, jumpIfEqual, jumpIfAtLeast, jumpIfAnyBit, giveBack } = opcode;

/** Verdicts (linux/seccomp.h). */
const allow = 0x7fff_0000;
const deny = (errno: number): number => 0x0005_0000 | errno;

/** Offsets in `struct seccomp_data`: number, architecture, low half of the first argument. */
const at = { number: 0, architecture: 4, firstArgument: 16 } as const;

export interface FilterSpec {
  /** AUDIT_ARCH_* of the only allowed architecture. */
  readonly architecture: number;
  /** Calls from this number on are denied: x32's calls on x86-64. */
  readonly end?: number;
  /** Numbers of calls that fail with EPERM. */
  readonly denied: readonly number[];
  /** Calls that fail with the given errno. */
  readonly absent: readonly { readonly number: number; readonly errno: number }[];
  /** Calls whose first argument must be one of a few. */
  readonly only: readonly { readonly number: number; readonly values: readonly number[] }[];
  /** Calls whose first argument must have one bit and none of others. */
  readonly bits: readonly { readonly number: number; readonly with: number; readonly without: number }[];
}

const EPERM = 1;
const EAFNOSUPPORT = 97;

/** Each rule is a few instructions that end with a verdict; other calls jump over them. */
export function filterProgram({ architecture, end, denied, absent, only, bits }: FilterSpec): Buffer {
  const answer = (value: number): Buffer => instruction(giveBack, value);
  const about = (number: number, rule: readonly Buffer[]): readonly Buffer[] => [
    instruction(jumpIfEqual, number, [0, rule.length]),
    ...rule,
  ];
  return Buffer.concat([
    instruction(load, at.architecture),
    instruction(jumpIfEqual, architecture, [1, 0]),
    answer(deny(EPERM)),
    instruction(load, at.number),
    ...(end === undefined ? [] : [instruction(jumpIfAtLeast, end, [0, 1]), answer(deny(EPERM))]),
    ...denied.flatMap((number) => about(number, [answer(deny(EPERM))])),
    ...absent.flatMap(({ number, errno }) => about(number, [answer(deny(errno))])),
    ...only.flatMap(({ number, values }) =>
      about(number, [
        instruction(load, at.firstArgument),
        ...values.map((value, i) => instruction(jumpIfEqual, value, [values.length - i, 0])),
        answer(deny(EAFNOSUPPORT)),
        answer(allow),
      ]),
    ),
    ...bits.flatMap((rule) =>
      about(rule.number, [
        instruction(load, at.firstArgument),
        instruction(jumpIfAnyBit, rule.without, [1, 0]),
        instruction(jumpIfAnyBit, rule.with, [1, 0]),
        answer(deny(EPERM)),
        answer(allow),
      ]),
    ),
    answer(allow),
  ]);
}
