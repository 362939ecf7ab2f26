/** Flows by the port that they go to. */

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
