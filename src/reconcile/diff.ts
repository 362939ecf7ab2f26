/** From desired and observed objects to an ordered list of actions. Pure. */
import type { Difference, LinkRef } from '../objects/kind.ts';
import { kindOf } from '../objects/kinds.ts';
import type { KernelObject } from '../objects/object.ts';
import type { ObservedObject } from '../objects/observed.ts';

export type Action =
  | { readonly verb: 'make'; readonly object: KernelObject }
  | {
      readonly verb: 'change';
      readonly object: KernelObject;
      readonly observed: ObservedObject;
      readonly differences: readonly Difference[];
    }
  | { readonly verb: 'remove'; readonly observed: ObservedObject }
  /** An object of another program is in the way. */
  | {
      readonly verb: 'refuse';
      readonly object: KernelObject;
      readonly observed: ObservedObject;
      readonly differences: readonly Difference[];
    };

export const keyOfObject = (object: KernelObject | ObservedObject): string => kindOf(object.kind).key(object);

const rankOf = (object: KernelObject | ObservedObject): number => kindOf(object.kind).rank(object);

/**
 * Removals first, in reverse order of rank, then objects to make or change, by rank. Objects that go with a
 * removed link get no removal, and are made again if wanted.
 */
export function diff(
  desired: readonly KernelObject[],
  observed: readonly ObservedObject[],
): readonly Action[] {
  const wanted = new Map(desired.map((object) => [keyOfObject(object), object]));
  const links = observed.filter(({ kind }) => kind === 'link');
  const doomed = links.filter((link) => isDoomed(link, wanted.get(keyOfObject(link))));
  const gone = new Set(doomed.flatMap((link) => linksOf(link).map(linkKey)));
  const staying = observed.filter(
    (object) =>
      !doomed.includes(object) &&
      (object.kind === 'link' || !linksOf(object).some((at) => gone.has(linkKey(at)))),
  );
  const present = presentByKey(staying);
  const removals = [
    ...doomed,
    ...staying.filter((object) => !wanted.has(keyOfObject(object)) && isRemovable(object)),
  ];
  const others = [...wanted].flatMap(([key, object]) => toward(object, present.get(key)));
  return [
    ...removals
      .toSorted((a, b) => rankOf(b) - rankOf(a))
      .map((object): Action => ({ verb: 'remove', observed: object })),
    ...others.toSorted((a, b) => rankOf(a.object) - rankOf(b.object)),
  ];
}

const isRemovable = (object: ObservedObject): boolean => kindOf(object.kind).removable(object);

const linksOf = (object: ObservedObject): readonly LinkRef[] => kindOf(object.kind).goesWith(object);

const linkKey = ({ ns, link }: LinkRef): string => `${ns}/${link}`;

const differencesOf = (desired: KernelObject, observed: ObservedObject): readonly Difference[] =>
  kindOf(desired.kind).differences(desired, observed);

/** Whether a link of the engine must be removed, because it is unwanted or can only be recreated. */
function isDoomed(observed: ObservedObject, desired: KernelObject | undefined): boolean {
  if (!isRemovable(observed)) return false;
  return desired === undefined || differencesOf(desired, observed).some(({ inPlace }) => !inPlace);
}

/** Of several objects with the same key (routes with different metrics) the engine's counts. */
function presentByKey(objects: readonly ObservedObject[]): ReadonlyMap<string, ObservedObject> {
  const present = new Map<string, ObservedObject>();
  for (const object of objects) {
    const key = keyOfObject(object);
    if (!present.has(key) || isRemovable(object)) present.set(key, object);
  }
  return present;
}

type Forward = Exclude<Action, { verb: 'remove' }>;

function toward(object: KernelObject, observed: ObservedObject | undefined): Forward[] {
  if (!observed) return [{ verb: 'make', object }];
  const differences = differencesOf(object, observed);
  if (differences.length === 0) return [];
  const verb = differences.every(({ inPlace }) => inPlace) ? 'change' : 'refuse';
  return [{ verb, object, observed, differences }];
}
