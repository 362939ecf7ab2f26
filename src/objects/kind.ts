/** What every kind of kernel object answers. */
import type { NamespaceRef } from './namespace-ref.ts';
import type { KernelObject, ObjectKind } from './object.ts';
import type { ObservedObject } from './observed.ts';

export type Desired<K extends ObjectKind> = Extract<KernelObject, { kind: K }>;
export type Observed<K extends ObjectKind> = Extract<ObservedObject, { kind: K }>;

/** One field that is not as it should be. */
export interface Difference {
  readonly field: string;
  readonly desired: string;
  readonly observed: string;
  /** False: the object must be recreated. */
  readonly inPlace: boolean;
}

/** A link, by namespace and name. */
export interface LinkRef {
  readonly ns: NamespaceRef;
  readonly link: string;
}

export interface Kind<K extends ObjectKind> {
  /** Identifies the object within its scope, the same for desired and observed. */
  key(object: Desired<K> | Observed<K>): string;
  /** When its turn is; lower is made earlier and removed later. */
  rank(object: Desired<K> | Observed<K>): number;
  /** As the kernel's own tools would show it; a line each. */
  print(object: Desired<K>): readonly string[];
  /** Empty: it is as it should be. */
  differences(desired: Desired<K>, observed: Observed<K>): readonly Difference[];
  /** Whether the engine may take it away. */
  removable(observed: Observed<K>): boolean;
  /** The links that it goes away with. */
  goesWith(object: Observed<K>): readonly LinkRef[];
}

/** Differences of the fields given, by comparing their text. */
export function compareFields(
  fields: Readonly<Record<string, readonly [desired: string | number | boolean, observed: unknown]>>,
  inPlace: boolean,
): Difference[] {
  return Object.entries(fields).flatMap(([field, [desired, observed]]) =>
    desired === observed ? [] : [{ field, desired: String(desired), observed: String(observed), inPlace }],
  );
}
