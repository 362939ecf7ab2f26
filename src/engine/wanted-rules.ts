/** The firewall as the records want it. Settings that are left out decide only whether a rule is there. */
import { firewallInput } from '../firewall/from-model.ts';
import { defaultSettings, type FirewallInput } from '../firewall/input.ts';
import type { Core } from './core.ts';

export const wantedFirewall = ({
  model,
  config,
  facts,
}: Pick<Core, 'config' | 'facts' | 'model'>): FirewallInput =>
  firewallInput(model, {
    ...defaultSettings,
    allowDirectRouting: config.allowDirectRouting,
    acceptFwmark: config.bridge.acceptFwmark,
    bridgeNetfilter: facts().bridgeNetfilter,
  });
