/** What runs of scopes use to act: the kernel, open namespaces, links by name. */
import { fail } from '../errors.ts';
import type { Kernel, Namespace } from '../kernel/kernel.ts';
import type { NamespaceRef } from '../objects/namespace-ref.ts';
import type { KernelObject } from '../objects/object.ts';
import type { AddressAt } from './announcements.ts';
import type { HostSettings } from './host-settings.ts';
import type { NeighbourAt } from './neighbour-announcements.ts';
import type { Seal } from './seal.ts';

export interface Handles {
  readonly kernel: Kernel;
  /** Throws KERNEL for a missing namespace. */
  namespace(ref: NamespaceRef): Namespace;
  /** Host-wide sysctls, whose former values are recorded. */
  readonly settings: Pick<HostSettings, 'writeSysctl'>;
  /** Seals what is kept in namespaces of containers. */
  readonly seal: Seal;
  /** Undefined for a missing namespace. */
  find(ref: NamespaceRef): Namespace | undefined;
  /** Makes a network's namespace. */
  createNamespace(ref: NamespaceRef): void;
  removeNamespace(ref: NamespaceRef): Promise<void>;
  /** Ends the watch of a namespace, which would keep it. */
  unwatch(ref: NamespaceRef): void;
  /** Announces an address to the sandbox's neighbours. */
  announce(at: AddressAt): void;
  /** Tells the bridge of a network's tunnel where an address of another host's endpoint is now. */
  announceNeighbour(at: NeighbourAt): void;
  /** Delivers pending events of the host and of the namespaces that objects are in. */
  drain(objects: Iterable<Pick<KernelObject, 'ns'>>): void;
  /** Tells what is done in a scope, in words. True where somebody reports it. */
  tell(scope: string, words: readonly string[]): boolean;
  /** Called when the kernel was observed to match a scope's plan. */
  agrees(scope: Agreement): void;
}

/** A scope whose plan the kernel matches. */
export interface Agreement {
  readonly name: string;
  readonly desired: readonly KernelObject[];
}

/** Index of a link. Throws KERNEL for a missing one. */
export function indexOf(
  handles: Handles,
  { ns, link, doing }: { ns: NamespaceRef; link: string; doing: string },
): number {
  const index = handles.namespace(ns).route.findIndex(link);
  if (index === undefined) throw fail('KERNEL', doing, `link "${link}" is not there`);
  return index;
}
