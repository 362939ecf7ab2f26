/** Plans the rules of some networks and sandboxes, to find what cannot be planned. Pure. */
import { firewallInput } from '../firewall/from-model.ts';
import { diffFirewall } from '../firewall/iptables/diff.ts';
import { planFirewall } from '../firewall/plan.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { View } from '../model/tables.ts';
import type { Facts } from '../objects/object.ts';

export interface FirewallPart {
  readonly networks: Iterable<string>;
  readonly sandboxes: Iterable<string>;
  /** Ports that were planned before are left out. */
  readonly before?: Pick<View, 'get'>;
}

/** Throws the errors that planning would throw in convergence. Its cost grows with the part. */
export function checkFirewall(view: View, part: FirewallPart, { bridgeNetfilter }: Facts): void {
  const sandboxes = Array.from(part.sandboxes, (id): readonly Sandbox[] => {
    const sandbox = view.get('sandboxes', id);
    const had = new Set(part.before?.get('sandboxes', id)?.ports);
    return sandbox ? [{ ...sandbox, ports: sandbox.ports.filter((port) => !had.has(port)) }] : [];
  }).flat();
  const endpoints = sandboxes.flatMap(({ id }) => view.endpointsOfSandbox(id));
  const ids = new Set([...part.networks, ...endpoints.map(({ networkId }) => networkId)]);
  const networks = Array.from(ids, (id) => view.get('networks', id) ?? []).flat();
  const all = ((table) =>
    table === 'networks' ? networks : table === 'sandboxes' ? sandboxes : []) as View['all'];
  const narrow = {
    all,
    drivers: view.drivers,
    get: view.get.bind(view),
    containerByName: view.containerByName.bind(view),
    endpointsOfNetwork: (id: string) => endpoints.filter(({ networkId }) => networkId === id),
    endpointsOfSandbox: view.endpointsOfSandbox.bind(view),
  };
  const input = firewallInput(narrow, {
    allowDirectRouting: false,
    acceptFwmark: '',
    clampMss: true,
    dropForwarded: [],
    noRawTable: false,
    bridgeNetfilter,
  });
  for (const family of [4, 6] as const) diffFirewall(planFirewall(input, family), '', []);
}
