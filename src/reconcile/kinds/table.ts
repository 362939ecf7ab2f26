/** The table of acting kinds. */
import type { ObjectKind } from '../../objects/object.ts';
import { access } from './access.ts';
import { address } from './address.ts';
import { fdb } from './fdb.ts';
import type { ActiveKind } from './kind.ts';
import { link } from './link.ts';
import { namespace } from './namespace.ts';
import { neighbour } from './neighbour.ts';
import { policy } from './policy.ts';
import { qdisc } from './qdisc.ts';
import { route } from './route.ts';
import { ruleset } from './ruleset.ts';
import { sysctl } from './sysctl.ts';
import { virtual } from './virtual.ts';

export const activeKinds: { readonly [K in ObjectKind]: ActiveKind<K> } = {
  namespace,
  link,
  address,
  route,
  neighbour,
  fdb,
  sysctl,
  virtual,
  policy,
  access,
  qdisc,
  ruleset,
};

export const activeKind = <K extends ObjectKind>(kind: K): ActiveKind<K> => activeKinds[kind];
