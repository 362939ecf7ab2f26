/**
 * What ports need on the host to obey its firewall: a pair of links by which accepted packets go round, and a table of
 * nftables, whatever the backend of the firewall is (`src/firewall/obey.ts`). There only while a port obeys.
 */
import { type FirewallInput, obeyLinks } from '../firewall/input.ts';
import { obeyAddress, obeyMark, obeyRuleset, obeyTable, obeyTables, obeyTargets } from '../firewall/obey.ts';
import { rulesetUpdate } from '../firewall/ruleset-update.ts';
import { type Link, type Rule, seawayProtocol } from '../kernel/kernel.ts';
import { blockOfOne } from '../net/address.ts';
import type { Family } from '../net/family.ts';
import type { RulesetObject } from '../objects/object.ts';
import { rulesetDigest } from '../objects/ruleset.ts';
import type { Handles } from './handles.ts';
import { removeRuleset, ruleset } from './kinds/ruleset.ts';

/** Written as the alias of both links. */
const alias = 'seaway:obey';

export class ObeyScope {
  readonly #handles: Handles;
  readonly #trace: (line: string) => void;
  /** What was wanted last; undefined while nothing is known of an earlier run. */
  #wanted: RulesetObject | 'none' | undefined;
  /** The rules as they were seen, or left. */
  #left: { readonly digest: string; readonly generation: number } | undefined;

  constructor(handles: Handles, trace: (line: string) => void) {
    this.#handles = handles;
    this.#trace = trace;
  }

  /** Resolves with the number of actions. Throws KERNEL. */
  async converge(input: FirewallInput, families: readonly Family[]): Promise<number> {
    const wanted = obeyTables(input, families);
    if (!wanted) {
      const count = this.#wanted === 'none' ? 0 : await this.remove();
      this.#wanted = 'none';
      return count;
    }
    const before = this.#wanted === 'none' ? undefined : this.#wanted;
    this.#wanted = wanted;
    const count = this.#ensureLinks(wanted) + (await this.#ensureRules(wanted, before));
    if (count > 0) this.#handles.tell('firewall', ['what ports with the policy "host" need']);
    const settings = settingsOf(wanted).map(
      ([key, value]) => ({ kind: 'sysctl', ns: 'host', key, value }) as const,
    );
    this.#handles.agrees({ name: 'firewall', desired: settings });
    return count;
  }

  /** Whether another program has changed the links, routes or rules. */
  wasChanged(): boolean {
    if (!this.#wanted || this.#wanted === 'none') return false;
    return !this.#areLinksWhole(this.#wanted) || !this.#areRulesWhole(this.#wanted);
  }

  /** Removes everything of it, also what an earlier engine has left. Resolves with the number of actions. */
  async remove(): Promise<number> {
    const { host } = this.#handles.kernel;
    const links = host.route.listLinks().filter((link) => link.alias === alias);
    if (links.length > 0) this.#trace(`act=remove kind=link ns=host key=${obeyLinks.into}`);
    const isOurs = ({ protocol, table }: Rule): boolean => protocol === ruleProtocol && table === obeyTable;
    for (const rule of host.route.listRules().filter(isOurs)) host.route.removeRule(rule);
    await host.route.removeLinks(links.map(({ name }) => name));
    if (this.#handles.kernel.firewallGeneration() !== undefined) removeRuleset(host, obeyRuleset);
    this.#wanted = undefined;
    this.#left = undefined;
    return links.length > 0 ? 1 : 0;
  }

  #find(): readonly [into: Link | undefined, back: Link | undefined] {
    const { route } = this.#handles.kernel.host;
    return [route.findLink(obeyLinks.into), route.findLink(obeyLinks.back)];
  }

  #areLinksWhole(wanted: RulesetObject): boolean {
    const [into, back] = this.#find();
    if (!into?.up || !back?.up) return false;
    const { route } = this.#handles.kernel.host;
    const near = new Map(route.listNeighbours(into.index).map(({ address, mac }) => [address, mac]));
    const ways = new Set(route.listRoutes({ link: into.index }).map(({ destination }) => destination));
    return (
      route.listAddresses(back.index).some(({ address }) => address === obeyAddress) &&
      familiesOf(wanted).every(
        (family) => near.get(obeyTargets[family]) === back.mac && ways.has(blockOfOne(obeyTargets[family])),
      ) &&
      this.#areRoutesWhole(wanted)
    );
  }

  /** Also the rules that lead to the routes, and the settings of the links. */
  #areRoutesWhole(wanted: RulesetObject): boolean {
    const { host } = this.#handles.kernel;
    const rules = host.route.listRules();
    const routes = new Set(host.route.listRoutes({ table: obeyTable }).map(({ destination }) => destination));
    return (
      familiesOf(wanted).every(
        (family) => routes.has(everywhere[family]) && rules.some((rule) => isSameRule(rule, ruleOf(family))),
      ) && settingsOf(wanted).every(([key, value]) => host.readSysctl(key) === value)
    );
  }

  /** Not once another program has changed their tables, whatever is left in there. Looks only where that is not known. */
  #areRulesWhole(wanted: RulesetObject): boolean {
    const digest = rulesetDigest(wanted);
    const changes = this.#changesOfRules();
    if (changes && this.#left) this.#left = { ...this.#left, digest: '' };
    if (changes !== undefined) return this.#left?.digest === digest;
    const generation = this.#handles.kernel.firewallGeneration();
    const seen = ruleset.observe({ handles: this.#handles, desired: [wanted], outside: [], inside: [] });
    const [one] = seen.filter(({ kind }) => kind === 'ruleset');
    const there = one?.kind === 'ruleset' ? one.digest : '';
    this.#left = generation === undefined ? undefined : { digest: there, generation };
    return there === digest;
  }

  /** How many transactions have changed the tables since they were seen. Undefined where that is not known. */
  #changesOfRules(): number | undefined {
    if (!this.#left) return undefined;
    const changes = this.#handles.kernel.firewallChanges(this.#left.generation);
    if (!changes) return undefined;
    this.#left = { ...this.#left, generation: changes.generation };
    return changes.transactions.filter((tables) => names.some((name) => tables.has(name))).length;
  }

  async #ensureRules(wanted: RulesetObject, before: RulesetObject | undefined): Promise<number> {
    if (this.#areRulesWhole(wanted)) return 0;
    const isAsBefore = before && this.#left?.digest === rulesetDigest(before);
    const update = isAsBefore ? rulesetUpdate(before, wanted) : undefined;
    this.#trace(`act=make kind=ruleset ns=host key=${obeyRuleset}`);
    const generation = this.#handles.kernel.firewallGeneration();
    // unknown where it fails
    this.#left = undefined;
    if (update === undefined) await ruleset.make(wanted, this.#handles);
    else this.#handles.kernel.host.nft(update);
    this.#left = generation === undefined ? undefined : { digest: rulesetDigest(wanted), generation };
    // if there was another one than the engine's, they are looked at next time
    if (this.#changesOfRules() !== 1) this.#left = undefined;
    return 1;
  }

  #ensureLinks(wanted: RulesetObject): number {
    if (this.#areLinksWhole(wanted)) return 0;
    const { host } = this.#handles.kernel;
    const [known] = this.#find();
    this.#trace(`act=${known ? 'change' : 'make'} kind=link ns=host key=${obeyLinks.into}`);
    if (!known) {
      const both = { alias, up: true } as const;
      host.route.createLink({
        ...{ type: 'veth', name: obeyLinks.into, ...both },
        peer: { name: obeyLinks.back, ...both, namespace: host },
      });
    }
    const [into, back] = this.#find();
    for (const link of [into, back]) if (link && !link.up) host.route.changeLink(link.index, { up: true });
    const near = into?.index ?? 0;
    host.route.addAddress({ link: back?.index ?? 0, address: obeyAddress, scope: 'link' });
    for (const [key, value] of settingsOf(wanted)) host.writeSysctl(key, value);
    for (const family of familiesOf(wanted)) {
      host.route.replaceNeighbour({ link: near, address: obeyTargets[family], mac: back?.mac ?? '' });
      const destination = blockOfOne(obeyTargets[family]);
      host.route.replaceRoute({ destination, link: near, protocol: seawayProtocol });
      const wayBack = { destination: everywhere[family], link: back?.index ?? 0, table: obeyTable };
      host.route.replaceRoute({ ...wayBack, protocol: seawayProtocol });
      host.route.addRule(ruleOf(family));
    }
    return 1;
  }
}

const familiesOf = ({ tables }: RulesetObject): readonly Family[] => [
  ...(tables.ip === undefined ? [] : [4 as const]),
  ...(tables.ip6 === undefined ? [] : [6 as const]),
];

/** The tables, as events name them. */
const names = ['ip', 'ip6'].map((family) => `${family} ${obeyRuleset}`);

/** rtm_protocol of the routing rule: other rules of the engine are those of the routing mesh. */
const ruleProtocol = seawayProtocol + 1;

const ruleOf = (family: Family): Rule => ({
  ...{ family, priority: 91, mark: obeyMark, mask: 0xffff_ffff, table: obeyTable },
  protocol: ruleProtocol,
});

const everywhere = { 4: '0.0.0.0/0', 6: '::/0' } as const;

const isSameRule = (a: Rule, b: Rule): boolean =>
  a.family === b.family && a.mark === b.mark && a.mask === b.mask && a.table === b.table;

/** Packets come back by a link that leads to none of their senders: filtered strictly, they would be dropped. */
const looseFilter = [`net/ipv4/conf/${obeyLinks.back}/rp_filter`, '2'] as const;

const settingsOf = (wanted: RulesetObject): readonly (readonly [key: string, value: string])[] => [
  looseFilter,
  ...(wanted.tables.ip6 === undefined
    ? []
    : [obeyLinks.into, obeyLinks.back].map((link) => [`net/ipv6/conf/${link}/disable_ipv6`, '0'] as const)),
];
