/** The acting interface of a kind of kernel object. All methods are idempotent. */
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
  /** Existing objects of the kind within the scope. */
  observe(view: ScopeView): readonly Observed<K>[];
  make(object: Desired<K>, handles: Handles): Promise<void> | void;
  /** Only called for differences that can be changed in place. */
  change(change: Change<K>, handles: Handles): Promise<void> | void;
  remove(observed: Observed<K>, handles: Handles): Promise<void> | void;
}

/** The view of a scope for all kinds; links are read once. */
export interface ScopeView {
  readonly handles: Handles;
  readonly desired: readonly KernelObject[];
  /** Existing wanted links in namespaces that other scopes share, such as the host's. */
  readonly outside: readonly WantedLink[];
  /** Existing namespaces that belong to the scope alone. */
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
