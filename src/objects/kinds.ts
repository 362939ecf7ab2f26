/** The table of kinds. */
import { access } from './access.ts';
import { address } from './address.ts';
import { fdb } from './fdb.ts';
import type { Kind } from './kind.ts';
import { link } from './link.ts';
import { namespace } from './namespace.ts';
import { neighbour } from './neighbour.ts';
import type { ObjectKind } from './object.ts';
import { policy } from './policy.ts';
import { qdisc } from './qdisc.ts';
import { route } from './route.ts';
import { ruleset } from './ruleset.ts';
import { sysctl } from './sysctl.ts';
import { virtual } from './virtual.ts';

const kinds: { readonly [K in ObjectKind]: Kind<K> } = {
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

/** The kind of an object: `kindOf(object.kind).key(object)`. */
export const kindOf = <K extends ObjectKind>(kind: K): Kind<K> => kinds[kind];
