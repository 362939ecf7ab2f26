/** The interface of a kind of kernel object. */
import type { NamespaceRef } from './namespace-ref.ts';
import type { KernelObject, ObjectKind } from './object.ts';
import type { ObservedObject } from './observed.ts';

export type Desired<K extends ObjectKind> = Extract<KernelObject, { kind: K }>;
export type Observed<K extends ObjectKind> = Extract<ObservedObject, { kind: K }>;

/** One field that differs from the plan. */
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
  /** Identifies the object within its scope; equal for desired and observed. */
  key(object: Desired<K> | Observed<K>): string;
  /** Order: lower is made earlier and removed later. */
  rank(object: Desired<K> | Observed<K>): number;
  /** Lines in the style of iproute2. */
  print(object: Desired<K>): readonly string[];
  /** Empty where nothing has to change. */
  differences(desired: Desired<K>, observed: Observed<K>): readonly Difference[];
  /** Whether the engine may remove it. */
  removable(observed: Observed<K>): boolean;
  /** Links whose removal removes it too. */
  goesWith(object: Observed<K>): readonly LinkRef[];
}

/** The fields whose two values differ. */
export function compareFields(
  fields: Readonly<Record<string, readonly [desired: string | number | boolean, observed: unknown]>>,
  inPlace: boolean,
): Difference[] {
  return Object.entries(fields).flatMap(([field, [desired, observed]]) =>
    desired === observed ? [] : [{ field, desired: String(desired), observed: String(observed), inPlace }],
  );
}
