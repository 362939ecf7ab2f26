/** Namespaces of networks; those of sandboxes are made and removed by their scope. */
import { parseNamespace } from '../../objects/namespace-ref.ts';
import type { ActiveKind } from './kind.ts';

export const namespace: ActiveKind<'namespace'> = {
  observe: ({ inside }) =>
    inside.flatMap(({ ns }) => (parseNamespace(ns).of === 'network' ? [{ kind: 'namespace', ns }] : [])),
  make: ({ ns }, handles) => handles.createNamespace(ns),
  change: () => undefined,
  remove: ({ ns }, handles) => handles.removeNamespace(ns),
};
