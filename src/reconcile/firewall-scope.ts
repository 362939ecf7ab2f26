/** The firewall: one scope for the whole host, one `iptables-restore` per family and change. */

import type { DaemonConfig } from '../config/config.ts';
import { fail } from '../errors.ts';
import { diffFirewall } from '../firewall/diff.ts';
import { firewallInput } from '../firewall/from-model.ts';
import type { FirewallInput } from '../firewall/input.ts';
import { Lists } from '../firewall/once.ts';
import { planFirewall } from '../firewall/plan.ts';
import type { IptablesFamily, Kernel } from '../kernel/kernel.ts';
import type { DriverTable } from '../model/driver.ts';
import { isOnHost } from '../model/host-routes.ts';
import type { Network } from '../model/network.ts';
import type { View } from '../model/tables.ts';
import type { Facts } from '../objects/object.ts';
import { FirewallStateFile } from './firewall-state.ts';
import { ObservedFirewall } from './observed-firewall.ts';
import type { Outlook } from './outlook.ts';
import { clampingHelps } from './segment-sizes.ts';

/** The engine's settings that the firewall follows. */
export type FirewallConfig = Pick<
  DaemonConfig,
  'iptables' | 'ip6tables' | 'ipForward' | 'ipForwardNoDrop' | 'allowDirectRouting'
> & { readonly bridge: Pick<DaemonConfig['bridge'], 'acceptFwmark'> };

const forwardingKeys: Readonly<Record<IptablesFamily, readonly string[]>> = {
  4: ['net/ipv4/ip_forward'],
  6: ['net/ipv6/conf/default/forwarding', 'net/ipv6/conf/all/forwarding'],
};

export interface FirewallContext {
  readonly kernel: Kernel;
  readonly view: View;
  readonly config: FirewallConfig;
  readonly outlook: Outlook;
  /** The kernel has no raw table, or is to be treated so. */
  readonly noRawTable?: boolean;
  /** File for what the kernel does not remember. */
  readonly ownedRulesFile: string;
  facts(): Facts;
  trace(line: string): void;
}

/** Packets of its endpoints are forwarded by the host, not by the link that they hang on. */
const leadsThroughHost = (drivers: DriverTable, network: Network): boolean =>
  !network.internal && isOnHost(drivers, network);

export class FirewallScope {
  readonly #context: FirewallContext;
  readonly #state: FirewallStateFile;
  readonly #observed: ObservedFirewall;
  readonly #networks = new Lists();
  readonly #lists: Readonly<Record<IptablesFamily, Lists>> = { 4: new Lists(), 6: new Lists() };

  constructor(context: FirewallContext) {
    this.#context = context;
    this.#state = new FirewallStateFile(context.ownedRulesFile);
    this.#observed = new ObservedFirewall(context.kernel);
  }

  /** Resolves with the number of actions. */
  async converge(): Promise<number> {
    try {
      return await this.#converge();
    } catch (error) {
      // what was seen may not be what should be
      this.#observed.forget();
      throw error;
    }
  }

  async #converge(): Promise<number> {
    const closed = await this.#claimForwarding();
    const { forwarding } = await this.#state.read();
    const input = this.#input(forwarding);
    let count = 0;
    for (const family of await this.#families(input)) count += await this.#convergeFamily(family, input);
    // only now, behind the policy that keeps strangers out
    for (const family of closed) count += this.#openForwarding(family);
    return count;
  }

  /** It has been converged, and nobody else has changed any rule since. */
  isAsLeft(): boolean {
    return this.#observed.isAsLeft();
  }

  #input(forwarding: readonly IptablesFamily[]): FirewallInput {
    const { outlook, view, config } = this.#context;
    const facts = this.#context.facts();
    return firewallInput(
      view,
      {
        allowDirectRouting: config.allowDirectRouting,
        acceptFwmark: config.bridge.acceptFwmark,
        clampMss: clampingHelps(view, outlook, facts),
        dropForwarded: config.ipForwardNoDrop ? [] : forwarding,
        bridgeNetfilter: facts.bridgeNetfilter,
        noRawTable: this.#context.noRawTable ?? false,
      },
      this.#networks,
    );
  }

  /** IPv6 where a network has it, or once did. */
  async #families({ bridges }: FirewallInput): Promise<readonly IptablesFamily[]> {
    const { owned } = await this.#state.read();
    const { iptables, ip6tables } = this.#context.config;
    const six = owned[6] !== undefined || bridges.some((bridge) => bridge.families[6] !== undefined);
    return ([4, 6] as const).filter((family) => (family === 4 ? iptables : ip6tables && six));
  }

  async #convergeFamily(family: IptablesFamily, input: FirewallInput): Promise<number> {
    const { trace } = this.#context;
    const observed = await this.#observed.read(family);
    if (observed === undefined) throw fail('KERNEL_LACKS', family === 4 ? 'iptables' : 'ip6tables');
    const before = (await this.#state.read()).owned[family] ?? [];
    const lists = this.#lists[family];
    const desired = planFirewall(input, family, lists);
    const { script, owned, claim } = diffFirewall(desired, observed, before, { lists });
    if (script === undefined) {
      await this.#state.own(family, owned);
      return 0;
    }
    await this.#state.own(family, claim);
    trace(`act=restore kind=firewall ns=host family=${family} lines=${script.split('\n').length - 1}`);
    await this.#observed.restore(family, script);
    await this.#state.own(family, owned);
    return 1;
  }

  /** The families that must forward and do not yet; that it is the engine who switches it on is kept. */
  async #claimForwarding(): Promise<readonly IptablesFamily[]> {
    const closed = this.closedFamilies();
    if (closed.length === 0) return closed;
    const state = await this.#state.read();
    const forwarding = [...new Set([...state.forwarding, ...closed])].sort();
    await this.#state.forwards(forwarding);
    return closed;
  }

  /** Families of which the host forwards nothing, although networks need it to. */
  closedFamilies(): readonly IptablesFamily[] {
    const { kernel, view, config } = this.#context;
    if (!config.ipForward) return [];
    const networks = [...view.all('networks')].filter((network) => leadsThroughHost(view.drivers, network));
    const needed = ([4, 6] as const).filter((family) =>
      networks.some(({ enableIPv4, enableIPv6 }) => (family === 4 ? enableIPv4 : enableIPv6)),
    );
    return needed.filter((family) =>
      forwardingKeys[family].some((key) => kernel.host.readSysctl(key) === '0'),
    );
  }

  #openForwarding(family: IptablesFamily): number {
    const { kernel, trace } = this.#context;
    for (const key of forwardingKeys[family]) {
      trace(`act=change kind=sysctl ns=host key=${key} value=0->1`);
      kernel.host.writeSysctl(key, '1');
    }
    return forwardingKeys[family].length;
  }
}
