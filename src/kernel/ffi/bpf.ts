/** Classic BPF: instructions as bytes, and programs as the kernel is given them (linux/filter.h). */
import koffi, { type KoffiFunc } from 'koffi';
import { SO_ATTACH_FILTER, SOL_SOCKET } from './constants.ts';
import { checked } from './fault.ts';
import { libc } from './libc.ts';

koffi.struct('sock_fprog', { length: 'uint16_t', instructions: 'void *' });

/** `struct sock_fprog`: `length` counts instructions. */
export interface Program {
  readonly length: number;
  readonly instructions: Uint8Array;
}

/** Opcodes (linux/bpf_common.h). Loads are big-endian, but in programs of seccomp. */
export const opcode = {
  loadWord: 0x20,
  loadHalf: 0x28,
  loadByte: 0x30,
  jumpIfEqual: 0x15,
  jumpIfAtLeast: 0x35,
  jumpIfAnyBit: 0x45,
  giveBack: 0x06,
} as const;

const instructionSize = 8;

/** One instruction: `struct sock_filter`. Jumps count from the next one. */
export function instruction(
  code: number,
  value: number,
  jumps: readonly [yes: number, no: number] = [0, 0],
): Buffer {
  const bytes = Buffer.alloc(instructionSize);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(jumps[0], 2);
  bytes.writeUInt8(jumps[1], 3);
  bytes.writeUInt32LE(value >>> 0, 4);
  return bytes;
}

export const programOf = (instructions: Uint8Array): Program => ({
  length: instructions.length / instructionSize,
  instructions,
});

const setFilter = libc.func(
  'int setsockopt(int fd, int level, int name, sock_fprog *program, uint32_t length)',
) as KoffiFunc<(fd: number, level: number, name: number, program: Program, length: number) => number>;

/** The socket takes only what the program lets through. */
export function attachFilter(fd: number, instructions: Uint8Array): void {
  const result = setFilter(
    fd,
    SOL_SOCKET,
    SO_ATTACH_FILTER,
    programOf(instructions),
    koffi.sizeof('sock_fprog'),
  );
  checked(result, 'filter what a socket takes');
}
