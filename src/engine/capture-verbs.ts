/** The verb of captures. */
import type { Readable } from 'node:stream';

export interface CaptureRequest {
  /**
   * `container:NAME`, `network:NAME`, `port:8080/tcp` or `link:NAME`, or the name alone. `host`: all links of the host.
   */
  readonly what: string;
  /** In the language of pcap-filter(7); '' for all packets. */
  readonly filter: string;
  /** Bytes of each packet that are kept. */
  readonly snaplen: number;
  /** Also packets that the kernel drops, of the whole host, with its reason. */
  readonly drops: boolean;
}

export interface CaptureVerbs {
  /**
   * A stream of pcapng, which captures until it is destroyed. What its reader is too slow for is dropped, and counted at its
   * end. Throws CAPTURE_..., and what is thrown for a name that is not there.
   */
  open(request: CaptureRequest): Readable;
}
