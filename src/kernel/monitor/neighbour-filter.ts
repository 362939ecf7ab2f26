/**
 * Which messages of rtnetlink a watch of a network's namespace takes. Of neighbours and forwarding entries only those of the
 * tunnel, which the engine makes: containers cause others with each address that they make up. Pure.
 */
import { instruction, opcode } from '../ffi/bpf.ts';
import { AF_BRIDGE, NTF_SELF, RTM } from '../rtnetlink/constants.ts';

/** Offsets in a message: `struct nlmsghdr` has 16 bytes, `struct ndmsg` follows. */
const at = { type: 4, family: 16, link: 20, flags: 26 } as const;

/** Loads read the bytes of a number of the host in the order of the network. */
const half = (value: number): number => Buffer.from(Uint16Array.of(value).buffer).readUInt16BE();
const word = (value: number): number => Buffer.from(Uint32Array.of(value).buffer).readUInt32BE();

/** `tunnel`: index of the VXLAN link. */
export function neighbourFilter(tunnel: number): Buffer {
  const { loadHalf, loadWord, loadByte, jumpIfEqual, jumpIfAnyBit, giveBack } = opcode;
  return Buffer.concat([
    instruction(loadHalf, at.type),
    instruction(jumpIfEqual, half(RTM.NEWNEIGH), [1, 0]),
    instruction(jumpIfEqual, half(RTM.DELNEIGH), [0, 6]),
    instruction(loadWord, at.link),
    instruction(jumpIfEqual, word(tunnel), [0, 5]),
    // what the bridge has learned to be behind the tunnel
    instruction(loadByte, at.family),
    instruction(jumpIfEqual, AF_BRIDGE, [0, 2]),
    instruction(loadByte, at.flags),
    instruction(jumpIfAnyBit, NTF_SELF, [0, 1]),
    instruction(giveBack, 0xffff_ffff),
    instruction(giveBack, 0),
  ]);
}
