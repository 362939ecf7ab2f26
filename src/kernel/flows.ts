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

/** A port on an address of the host. */
export interface PortPlace {
  readonly protocol: PortProtocol;
  readonly address: string;
  readonly port: number;
}

/** A socket that is bound to a port, to be sent to another process, which listens on it. */
export interface HeldSocket {
  readonly fd: number;
  close(): void;
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

/** The part of `Kernel` for ports of the engine's namespace. */
export interface PortsDoor {
  /** Holds a host port by a bound socket that never listens; the returned function releases it. Throws PORT_IN_USE. */
  holdPort(protocol: PortProtocol, address: string, port: number): () => void;
  /** As `holdPort`, by a socket for another process. Undefined where the kernel lacks the protocol. */
  openHeld(place: PortPlace): HeldSocket | undefined;
  /** As `holdPort`, for many: they take two descriptors. Throws RangeRefused, and then none is held. */
  holdRange(range: PortRange): HeldRange;
  /** Deletes tracked flows through published ports: those of exactly these, however many they are. */
  forgetFlows(ports: readonly PortFlows[]): Promise<void>;
  /** Deletes tracked flows that would not come about any more. */
  forgetStaleFlows(stale: StaleFlows): Promise<void>;
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
