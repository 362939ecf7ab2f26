/** Routing rules by mark, and the tables that they name. */
import { type Route, type Rule, seawayProtocol } from '../../kernel/kernel.ts';
import type { PolicyObject } from '../../objects/object.ts';
import type { ObservedPolicy } from '../../objects/observed.ts';
import { type Handles, indexOf } from '../handles.ts';
import type { ActiveKind, ScopeView } from './kind.ts';

const ruleOf = ({ family, priority, mark, mask, table }: Omit<PolicyObject, 'kind'>): Rule => ({
  ...{ family, priority, mark, mask, table, protocol: seawayProtocol },
});

const everywhere = { 4: '0.0.0.0/0', 6: '::/0' } as const;

const routeOf = (object: PolicyObject, handles: Handles): Route => ({
  destination: everywhere[object.family],
  gateway: object.gateway,
  table: object.table,
  protocol: seawayProtocol,
  link: indexOf(handles, { ...object, doing: `route packets with mark ${object.mark}` }),
});

/** The route first: without it packets would take the next table that has one. */
function make(object: PolicyObject, handles: Handles): void {
  const { route } = handles.namespace(object.ns);
  route.replaceRoute(routeOf(object, handles));
  route.addRule(ruleOf(object));
}

/** In the host's namespace, where the scope wants some or wants its link gone. */
function observe({ handles, desired }: ScopeView): readonly ObservedPolicy[] {
  const wanted = desired.find((object) => object.kind === 'ruleset' || object.kind === 'policy');
  const route = wanted && handles.find(wanted.ns)?.route;
  if (!wanted || !route) return [];
  const { ns } = wanted;
  return route
    .listRules()
    .filter(({ protocol }) => protocol === seawayProtocol)
    .map(({ protocol: _, ...rule }) => {
      const found = route
        .listRoutes({ table: rule.table })
        .find(({ destination }) => destination === everywhere[rule.family]);
      const link = found?.link ? (route.findLinkByIndex(found.link)?.name ?? '') : '';
      return { kind: 'policy', ns, ...rule, link, gateway: found?.gateway ?? '' };
    });
}

function remove(observed: ObservedPolicy, handles: Handles): void {
  const { route } = handles.namespace(observed.ns);
  route.removeRule(ruleOf(observed));
  for (const one of route.listRoutes({ table: observed.table })) route.removeRoute(one);
}

export const policy: ActiveKind<'policy'> = {
  observe,
  make,
  change: ({ object, observed }, handles) => {
    remove(observed, handles);
    make(object, handles);
  },
  remove,
};
