/** What every kind of kernel object does. All of it is idempotent. */
import type { Link, Namespace } from '../../kernel/kernel.ts';
import type { Desired, Difference, Observed } from '../../objects/kind.ts';
import type { NamespaceRef } from '../../objects/namespace-ref.ts';
import type { KernelObject, LinkObject, ObjectKind } from '../../objects/object.ts';
import type { Handles } from '../handles.ts';

export interface Change<K extends ObjectKind> {
  readonly object: Desired<K>;
  readonly observed: Observed<K>;
  readonly differences: readonly Difference[];
}

export interface ActiveKind<K extends ObjectKind> {
  /** Those that are there within the scope. */
  observe(view: ScopeView): readonly Observed<K>[];
  make(object: Desired<K>, handles: Handles): void;
  /** Only called for differences that can be changed in place. */
  change(change: Change<K>, handles: Handles): void;
  remove(observed: Observed<K>, handles: Handles): Promise<void> | void;
}

/** One scope as all kinds look at it: the links are read once. */
export interface ScopeView {
  readonly handles: Handles;
  readonly desired: readonly KernelObject[];
  /** Links that are wanted and there, in namespaces that others use too: of the host, for a sandbox of its networks. */
  readonly outside: readonly WantedLink[];
  /** Namespaces that are the scope's alone, as far as they are there. */
  readonly inside: readonly Inside[];
}

export interface WantedLink {
  readonly wanted: LinkObject;
  readonly link: Link;
  readonly namespace: Namespace;
}

export interface Inside {
  readonly ns: NamespaceRef;
  readonly namespace: Namespace;
  readonly links: readonly Link[];
  readonly byIndex: ReadonlyMap<number, Link>;
}
