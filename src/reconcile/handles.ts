/** What runs of scopes act by: open namespaces, and links by name. */
import { fail } from '../errors.ts';
import type { Kernel, Namespace } from '../kernel/kernel.ts';
import type { NamespaceRef } from '../objects/namespace-ref.ts';
import type { KernelObject } from '../objects/object.ts';
import type { AddressAt } from './announcements.ts';
import type { HostSettings } from './host-settings.ts';
import type { NeighbourAt } from './neighbour-announcements.ts';

export interface Handles {
  readonly kernel: Kernel;
  /** Throws KERNEL where it is not there. */
  namespace(ref: NamespaceRef): Namespace;
  /** The host's settings, those of single links left out: what they were before is written down. */
  readonly settings: Pick<HostSettings, 'writeSysctl'>;
  /** Undefined where it is not there. */
  find(ref: NamespaceRef): Namespace | undefined;
  /** Of a network. */
  createNamespace(ref: NamespaceRef): void;
  removeNamespace(ref: NamespaceRef): Promise<void>;
  /** Tells the neighbours of a sandbox where an address of it is now. */
  announce(at: AddressAt): void;
  /** Tells the bridge of a network's tunnel where an address of another host's endpoint is now. */
  announceNeighbour(at: NeighbourAt): void;
  /** Told when the kernel has been observed to agree with a scope. */
  agrees(scope: Agreement): void;
}

/** A scope, by its name, with what it wants and has. */
export interface Agreement {
  readonly name: string;
  readonly desired: readonly KernelObject[];
}

/** Index of a link that must be there. Throws KERNEL. */
export function indexOf(
  handles: Handles,
  { ns, link, doing }: { ns: NamespaceRef; link: string; doing: string },
): number {
  const found = handles.namespace(ns).route.findLink(link);
  if (!found) throw fail('KERNEL', doing, `link "${link}" is not there`);
  return found.index;
}
