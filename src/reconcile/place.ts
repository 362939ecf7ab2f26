/** Where kernel objects are: names of namespaces and links to what the kernel knows. */
import { fail } from '../errors.ts';
import type { Kernel, Namespace } from '../kernel/kernel.ts';
import type { KernelObject, NamespaceRef } from '../objects/object.ts';
import type { AddressAt } from './announcements.ts';
import type { HostSettings } from './host-settings.ts';

export interface Place {
  readonly kernel: Kernel;
  /** 'host', or a sandbox whose namespace is open. */
  namespace(ref: NamespaceRef): Namespace;
  /** The host's settings, those of single links left out: what they were before is written down. */
  readonly settings: Pick<HostSettings, 'writeSysctl'>;
  /** Tells the neighbours of a sandbox where an address of it is now. */
  announce(at: AddressAt): void;
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
  place: Place,
  { ns, link, doing }: { ns: NamespaceRef; link: string; doing: string },
): number {
  const found = place.namespace(ns).route.findLink(link);
  if (!found) throw fail('KERNEL', doing, `link "${link}" is not there`);
  return found.index;
}
