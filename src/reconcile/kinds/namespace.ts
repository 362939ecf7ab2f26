/** The namespaces of networks; those of sandboxes are made and removed by their scope. */
import { placeOf } from '../../objects/namespace-ref.ts';
import type { ActiveKind } from './kind.ts';

export const namespace: ActiveKind<'namespace'> = {
  observe: ({ inside }) =>
    inside.flatMap(({ ns }) => (placeOf(ns).of === 'network' ? [{ kind: 'namespace', ns }] : [])),
  make: ({ ns }, place) => place.createNamespace(ns),
  change: () => undefined,
  remove: ({ ns }, place) => place.removeNamespace(ns),
};
