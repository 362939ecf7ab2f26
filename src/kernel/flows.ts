/** The contract's part for ports of the host, and for flows to them. */

export type PortProtocol = 'tcp' | 'udp' | 'sctp';

/** Selects flows by the destination of their first packet, before any translation. */
export interface FlowMatch {
  readonly protocol: PortProtocol;
  readonly port: number;
  /** `0.0.0.0` and `::` match every address of their family. */
  readonly address: string;
}

/** Flows through a published port. */
export interface PortFlows extends FlowMatch {
  /** Only those that this address answers; those of the host itself are to stay. */
  readonly answeredBy: string;
}

/** Neighbouring ports on one address of the host. */
export interface PortRange {
  readonly protocol: PortProtocol;
  readonly address: string;
  readonly first: number;
  readonly last: number;
}

export interface HeldRange {
  /** Gives some of its ports up; those that it does not hold are no error. */
  release(ports: Iterable<number>): void;
}

/** One port of a range could not be held; `cause` says why. */
export class RangeRefused extends Error {
  readonly port: number;

  constructor(port: number, cause: unknown) {
    super(`port ${port} of a range is refused`, { cause });
    this.name = 'RangeRefused';
    this.port = port;
  }
}
