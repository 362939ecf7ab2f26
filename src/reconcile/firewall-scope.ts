/** The firewall: one scope for the whole host, with any backend. */
import type { DaemonConfig } from '../config/config.ts';
import { firewallInput } from '../firewall/from-model.ts';
import type { FirewallInput } from '../firewall/input.ts';
import { flowsMisled } from '../firewall/misled.ts';
import { Lists } from '../firewall/once.ts';
import type { FilterChange, PacketFilter } from '../firewall/packet-filter.ts';
import type { StaleFlows } from '../kernel/flows.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { View } from '../model/tables.ts';
import type { Family } from '../net/family.ts';
import type { Facts } from '../objects/object.ts';
import type { Logger } from '../observe/logger.ts';
import { FirewallStateFile } from './firewall-state.ts';
import { closedFamilies, setForwarding } from './forwarding.ts';
import type { HostRoutes } from './host-routes.ts';
import type { ObeyScope } from './obey-scope.ts';
import { clampingHelps } from './segment-sizes.ts';

/** The engine's settings that the firewall follows. */
export type FirewallConfig = Pick<
  DaemonConfig,
  'iptables' | 'ip6tables' | 'ipForward' | 'ipForwardNoDrop' | 'allowDirectRouting'
> & { readonly bridge: Pick<DaemonConfig['bridge'], 'acceptFwmark'> };

export interface FirewallContext<Observed, Change extends FilterChange> {
  readonly filter: PacketFilter<Observed, Change>;
  readonly host: Pick<Kernel['host'], 'readSysctl' | 'writeSysctl'>;
  readonly view: View;
  readonly config: FirewallConfig;
  readonly hostRoutes: HostRoutes;
  readonly logger: Logger;
  /** Use no raw table, because the kernel lacks it or by a setting. */
  readonly noRawTable?: boolean;
  /** Path of `FirewallStateFile`. */
  readonly ownedRulesFile: string;
  /** What ports that obey the host's firewall need besides the filter. */
  readonly obey?: Pick<ObeyScope, 'converge' | 'wasChanged' | 'remove'>;
  facts(): Facts;
  trace(line: string): void;
  /** Ends flows that began while rules were missing. */
  readonly forgetFlows?: (stale: StaleFlows) => Promise<void>;
  /** Tells what is put back, in words. True where somebody reports it. */
  tell(words: readonly string[]): boolean;
}

const families = [4, 6] as const;
/** An action of the firewall scope. */
export type FirewallAction =
  /** Change rules; `count` is in the backend's own unit. */
  | { readonly verb: 'filter'; readonly family: Family; readonly count: number }
  /** Put back what ports that obey the host's firewall need. */
  | { readonly verb: 'obey' }
  /** Enable forwarding on the host. */
  | { readonly verb: 'forward'; readonly family: Family };

/** Changes by other programs that the log names at most. */
const named = 5;

export class FirewallScope<Observed, Change extends FilterChange> {
  readonly #context: FirewallContext<Observed, Change>;
  readonly #state: FirewallStateFile;
  readonly #networks = new Lists();
  readonly #rules = new Map<Family, number>();
  readonly #warned = new Map<Family, readonly string[]>();
  #running: Promise<unknown> = Promise.resolve();
  /** Other programs had changed rules before this run. */
  #wasBroken = false;

  constructor(context: FirewallContext<Observed, Change>) {
    this.#context = context;
    this.#state = new FirewallStateFile(context.ownedRulesFile);
  }

  /** Resolves with the number of actions. A failure in one family does not keep the other from converging. */
  converge(): Promise<number> {
    const run = this.#converge().catch((error) => {
      // the cache may not match the kernel
      this.#context.filter.forget();
      throw error;
    });
    this.#running = run.catch(() => undefined);
    return run;
  }

  /** What converging would do. Changes nothing; `filter` must be a fresh one. */
  async compare(filter: PacketFilter<Observed, Change>): Promise<readonly FirewallAction[]> {
    await this.#running;
    const closed = this.closedFamilies();
    const { forwarding, owned } = await this.#state.read();
    const desired = this.#input([...new Set([...forwarding, ...closed])].sort());
    const actions: FirewallAction[] = [];
    for (const family of this.#families(desired, owned)) {
      const comparison = { family, desired, owned: owned[family] ?? [] };
      const { actions: count } = filter.difference(await filter.observe(family), comparison);
      if (count > 0) actions.push({ verb: 'filter', family, count });
    }
    if (this.#context.obey?.wasChanged()) actions.push({ verb: 'obey' });
    return [...actions, ...closed.map((family) => ({ verb: 'forward', family }) as const)];
  }

  /** The number of the engine's rules. */
  rules(): ReadonlyMap<Family, number> {
    return this.#rules;
  }

  /** Whether another program has changed rules, checked after a running convergence. */
  async wasChanged(): Promise<boolean> {
    await this.#running;
    return !this.#context.filter.isAsLeft() || this.#context.obey?.wasChanged() === true;
  }

  /** Families with forwarding disabled that networks need. */
  closedFamilies(): readonly Family[] {
    const { host, view, config } = this.#context;
    return config.ipForward ? closedFamilies(view, host) : [];
  }

  /**
   * Removes all rules, and disables forwarding where the engine has enabled it. Resolves with the failures.
   */
  async remove(): Promise<readonly unknown[]> {
    const { forwarding, owned } = await this.#state.read();
    const { host, trace } = this.#context;
    for (const family of forwarding) setForwarding(family, '0', { host, trace });
    const failures: unknown[] = [];
    for (const family of families) {
      try {
        await this.#apply(family, undefined);
      } catch (error) {
        // a family that was never changed may be missing in the kernel
        if (owned[family] !== undefined) failures.push(error);
      }
    }
    await this.#context.obey?.remove().catch((error) => failures.push(error));
    if (failures.length === 0) await this.#state.remove();
    return failures;
  }

  async #converge(): Promise<number> {
    const { host, trace } = this.#context;
    const closed = this.closedFamilies();
    // recorded before it is done, so that a crash does not lose it
    const before = await this.#state.read();
    const forwarding = [...new Set([...before.forwarding, ...closed])].sort();
    await this.#state.forwards(forwarding);
    const input = this.#input(forwarding);
    let count = 0;
    const failures: unknown[] = [];
    const wanted = this.#families(input, before.owned);
    this.#wasBroken = false;
    for (const family of wanted) {
      try {
        count += await this.#apply(family, input);
      } catch (error) {
        failures.push(error);
      }
    }
    // only now, after the DROP policy is in place
    if (failures.length === 0)
      for (const family of closed) {
        this.#context.tell([`forwarding of IPv${family}`]);
        count += setForwarding(family, '1', { host, trace });
      }
    try {
      // last: a failure here concerns the ports that obey alone
      count += (await this.#context.obey?.converge(input, wanted)) ?? 0;
    } catch (error) {
      failures.push(error);
    }
    if (this.#wasBroken) await this.#endFlows(input);
    if (failures.length > 0) throw failures[0];
    return count;
  }

  /** A flow keeps the translation, or the lack of one, with which it began. */
  async #endFlows(input: FirewallInput): Promise<void> {
    const { forgetFlows, logger } = this.#context;
    try {
      for (const stale of flowsMisled(input)) await forgetFlows?.(stale);
    } catch (error) {
      // they end by their own time
      logger.warn('flows that began without rules are not forgotten', { error });
    }
  }

  #input(forwarding: readonly Family[]): FirewallInput {
    const { hostRoutes, view, config, noRawTable = false } = this.#context;
    const facts = this.#context.facts();
    return firewallInput(
      view,
      {
        allowDirectRouting: config.allowDirectRouting,
        acceptFwmark: config.bridge.acceptFwmark,
        clampMss: clampingHelps(view, hostRoutes, facts),
        dropForwarded: config.ipForwardNoDrop ? [] : forwarding,
        bridgeNetfilter: facts.bridgeNetfilter,
        noRawTable,
      },
      this.#networks,
    );
  }

  /** IPv6 only if a network has or had it. */
  #families(
    { bridges, tunnels, secureTunnels }: FirewallInput,
    owned: Readonly<Partial<Record<Family, unknown>>>,
  ): readonly Family[] {
    const { iptables, ip6tables } = this.#context.config;
    const six =
      owned[6] !== undefined ||
      tunnels?.family === 6 ||
      secureTunnels !== undefined ||
      bridges.some((bridge) => bridge.families[6] !== undefined);
    return families.filter((family) => (family === 4 ? iptables : ip6tables && six));
  }

  async #apply(family: Family, desired: FirewallInput | undefined): Promise<number> {
    const { filter, trace } = this.#context;
    const observed = await filter.observe(family);
    const before = (await this.#state.read()).owned[family];
    const change = filter.difference(observed, { family, desired, owned: before ?? [] });
    this.#warnOnce(family, change.warnings ?? []);
    if (change.byOthers.length > 0 && desired) this.#wasBroken = true;
    if (change.actions > 0) {
      await this.#state.own(family, change.claim);
      this.#warn(family, change.byOthers);
      trace(`act=restore kind=firewall ns=host family=${family} lines=${change.actions}`);
    }
    if (change.actions > 0 || !desired) await filter.apply(family, change);
    this.#rules.set(family, change.rules);
    // removal writes no state for a family that was never changed
    if (desired || before) await this.#state.own(family, change.owned);
    return change.actions > 0 ? 1 : 0;
  }

  #warnOnce(family: Family, warnings: readonly string[]): void {
    const before = this.#warned.get(family) ?? [];
    this.#warned.set(family, warnings);
    for (const warning of warnings) if (!before.includes(warning)) this.#context.logger.warn(warning);
  }

  #warn(family: Family, byOthers: readonly string[]): void {
    if (byOthers.length === 0 || this.#context.tell(byOthers.map((one) => `IPv${family} ${one}`))) return;
    const more = byOthers.length > named ? `; and ${byOthers.length - named} more` : '';
    this.#context.logger.warn('somebody has changed rules of the firewall: they are put back', {
      family: `IPv${family}`,
      changes: `${byOthers.slice(0, named).join('; ')}${more}`,
    });
  }
}
