/** Removes what the routing mesh has on the host besides its link: rules, routing tables, and rules of nftables. */
import { seawayProtocol } from '../kernel/kernel.ts';
import { meshPriority, meshRulesetName } from '../model/mesh.ts';
import type { Handles } from './handles.ts';
import { removeRuleset } from './kinds/ruleset.ts';

export function removeMesh({ kernel }: Pick<Handles, 'kernel'>, trace: (line: string) => void): void {
  const { host } = kernel;
  for (const rule of host.route.listRules()) {
    if (rule.protocol !== seawayProtocol || rule.priority !== meshPriority) continue;
    trace(`act=remove kind=policy ns=host key=${rule.table}`);
    host.route.removeRule(rule);
    for (const route of host.route.listRoutes({ table: rule.table })) host.route.removeRoute(route);
  }
  removeRuleset(host, meshRulesetName);
}
