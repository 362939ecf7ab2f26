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

/** Rules of others with the engine's protocol are left alone: a scope has those whose table leads by a link of its own. */
function observe({ handles, desired }: ScopeView): readonly ObservedPolicy[] {
  const links = new Map(
    desired.flatMap((object) =>
      object.kind === 'link' && object.ns === 'host' ? [[object.name, object.ns] as const] : [],
    ),
  );
  const wanted = desired.filter((object) => object.kind === 'policy');
  const hasRules = wanted.length > 0 || desired.some(({ kind }) => kind === 'ruleset');
  const route = hasRules && links.size > 0 ? handles.find('host')?.route : undefined;
  if (!route) return [];
  const places = new Set(wanted.map(placeOf));
  return route
    .listRules()
    .filter(({ protocol }) => protocol === seawayProtocol)
    .map(({ protocol: _, ...rule }): ObservedPolicy => {
      const found = route
        .listRoutes({ table: rule.table })
        .find(({ destination }) => destination === everywhere[rule.family]);
      const link = found?.link ? (route.findLinkByIndex(found.link)?.name ?? '') : '';
      return { kind: 'policy', ns: 'host', ...rule, link, gateway: found?.gateway ?? '' };
    })
    .filter((rule) => links.has(rule.link) || places.has(placeOf(rule)));
}

const placeOf = ({ family, priority, table }: Pick<Rule, 'family' | 'priority' | 'table'>): string =>
  `${family} ${priority} ${table}`;

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
