/** Compiles filters by libpcap, which tcpdump uses; loaded at the first use. */
import koffi, { type KoffiFunc } from 'koffi';
import { fail } from '../../errors.ts';
import { instruction, opcode } from '../ffi/bpf.ts';

/** Of pcap_open_dead(3PCAP). */
const DLT_EN10MB = 1;
const DLT_RAW = 12;
/** No netmask: `ip broadcast` is refused by libpcap. */
const NETMASK_UNKNOWN = 0xffff_ffff;
const programSize = 16;

type Handle = bigint;

interface Libpcap {
  readonly openDead: (link: number, snaplen: number) => Handle;
  readonly compile: (
    pcap: Handle,
    program: Uint8Array,
    text: string,
    optimize: number,
    mask: number,
  ) => number;
  readonly error: (pcap: Handle) => string;
  readonly free: (program: Uint8Array) => void;
  readonly close: (pcap: Handle) => void;
}

let loaded: Libpcap | undefined;

function libpcap(): Libpcap {
  loaded ??= load();
  return loaded;
}

function load(): Libpcap {
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load('libpcap.so.0.8');
  } catch (cause) {
    throw Object.assign(fail('CAPTURE_NO_LIBPCAP'), { cause });
  }
  const func = <T extends (...args: never[]) => unknown>(signature: string): T =>
    library.func(signature) as unknown as KoffiFunc<T> as unknown as T;
  return {
    openDead: func('void *pcap_open_dead(int linktype, int snaplen)'),
    compile: func(
      'int pcap_compile(void *pcap, void *program, const char *text, int optimize, uint32_t netmask)',
    ),
    error: func('const char *pcap_geterr(void *pcap)'),
    free: func('void pcap_freecode(void *program)'),
    close: func('void pcap_close(void *pcap)'),
  };
}

export interface Compiled {
  readonly snaplen: number;
  /** Packets begin with their IP header. */
  readonly isBare: boolean;
}

/**
 * The instructions of a filter, which let through so many bytes of each packet that fits; all packets fit ''. Throws
 * CAPTURE_FILTER_INVALID, in libpcap's words, and CAPTURE_NO_LIBPCAP.
 */
export function compileFilter(text: string, { snaplen, isBare }: Compiled): Uint8Array {
  if (text.trim() === '') return instruction(opcode.giveBack, snaplen);
  const { openDead, compile, error, free, close } = libpcap();
  const pcap = openDead(isBare ? DLT_RAW : DLT_EN10MB, snaplen);
  try {
    // struct bpf_program: the number of instructions, and where they are
    const program = new Uint8Array(programSize);
    if (compile(pcap, program, text, 1, NETMASK_UNKNOWN) < 0)
      throw fail('CAPTURE_FILTER_INVALID', text, error(pcap));
    const view = new DataView(program.buffer);
    const address = view.getBigUint64(8, true);
    const made = new Uint8Array(koffi.view(address, view.getUint32(0, true) * 8)).slice();
    free(program);
    return made;
  } finally {
    close(pcap);
  }
}
