/** A plan as text: the host, then each other namespace, objects in the order in which they are made. */
import { kindOf } from './kinds.ts';
import { type NamespaceRef, parseNamespace } from './namespace-ref.ts';
import type { KernelObject } from './object.ts';

/** Stable order: by rank, within a rank as planned. */
export function inOrder(objects: readonly KernelObject[]): readonly KernelObject[] {
  return objects.toSorted((a, b) => kindOf(a.kind).rank(a) - kindOf(b.kind).rank(b));
}

/** Ends with a newline; '' for an empty plan. */
export function printPlan(objects: readonly KernelObject[]): string {
  const lines: string[] = [];
  const onHost = inOrder(objects).filter(({ ns }) => ns === 'host');
  const inside = inOrder(objects).filter(({ ns }) => ns !== 'host');
  for (const [ns, members] of Map.groupBy([...onHost, ...inside], (object) => object.ns))
    lines.push(`# ${title(ns)}`, ...members.flatMap(printObject), '');
  return lines.join('\n');
}

function title(ns: NamespaceRef): string {
  const parsed = parseNamespace(ns);
  return parsed.of === 'host' ? 'host' : `${parsed.of} ${parsed.id}`;
}

export const printObject = (object: KernelObject): readonly string[] => kindOf(object.kind).print(object);
