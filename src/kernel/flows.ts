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

/** Flows that would not come about any more. */
export type StaleFlows =
  /** Those that these addresses began or answer, without prefix length: others have them now. */
  | { readonly of: readonly string[] }
  /** Those to these ports at an address of the host that began before the port was published. */
  | { readonly missed: readonly PortFlows[] }
  | UntranslatedFlows;

/** Flows from subnets to somewhere else that began while no rule gave them an address of the host. */
export interface UntranslatedFlows {
  readonly untranslated: readonly string[];
  /** Subnets to which no translation is due. */
  readonly near: readonly string[];
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
