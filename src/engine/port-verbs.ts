/** The contract's part for ports that are published and taken back while a container is there. */
import type { Container } from '../model/container.ts';
import type { Unwanted } from '../model/live-ports.ts';
import type { PortSpec } from '../model/port-specs.ts';
import type { PortMapping } from '../model/sandbox.ts';

export interface PortsDetail {
  readonly container: Container;
  /** What it asks for. */
  readonly specs: readonly PortSpec[];
  /** What is published; nothing while it does not run. */
  readonly ports: readonly PortMapping[];
  /** Those that the host's firewall refuses to strangers, by `placeOf`. */
  readonly refused: ReadonlySet<string>;
}

export interface PortVerbs {
  /** Of all containers that publish ports or ask for it, or of one. */
  list(ref?: string): Promise<readonly PortsDetail[]>;
  /** Of one container that publishes ports which obey the host's firewall, those that it refuses, by `placeOf`. */
  refused(ref: string): Promise<ReadonlySet<string>>;
  /** Publishes more. Resolves once they are reached; while the container does not run, once they are on record. */
  add(ref: string, specs: readonly PortSpec[]): Promise<PortsDetail>;
  /** Takes ports back; flows through them end. */
  remove(ref: string, unwanted: readonly Unwanted[]): Promise<void>;
}
