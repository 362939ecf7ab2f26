/**
 * Healing: restores what other programs remove from the host (a flushed firewall, a deleted bridge, a port that is
 * down). Events of the kernel only tell which scopes to compare with the model again. Changes around the networks
 * (routes, the uplink's MTU) are handled in the same way.
 */
import { type Scopes, scopeNamed, scopesOf } from '../affected/affected.ts';
import { obeyLinks } from '../firewall/input.ts';
import type { KernelEvent, Sender } from '../kernel/events.ts';
import { tracePrefix } from '../kernel/inspect/contract.ts';
import { Fights } from '../reconcile/fights.ts';
import type { Agreement } from '../reconcile/handles.ts';
import { nameOfScope } from '../reconcile/runs.ts';
import { TimeBudget } from '../reconcile/time-budget.ts';
import { type Followed, follow } from './change.ts';
import type { Core } from './core.ts';
import { Culprits } from './culprits.ts';
import type { HostMonitor } from './host-monitor.ts';
import { mapLimit } from './limit.ts';
import { MadeUpMacs } from './made-up-macs.ts';
import { brokenScopes, networksOf, suspectsInside, suspectsOf } from './suspects.ts';
import { SysctlWatch } from './sysctl-watch.ts';

/** Milliseconds in which events are collected, since a flush is many events. */
const collectTime = 100;
/** Milliseconds between checks for changes without an event, and the number of networks of each check. */
const slowLook = 60_000;
const networksAtATime = 100;
/**
 * The share of the time for checks of the firewall, whose rules other programs may change all the time. A burst allows
 * to follow the several steps of a reload at once.
 */
const firewallBudget = { share: 1 / 20, burst: 2_000 };
const atOnce = 4;
/** Things put back that a report names. */
const mostWords = 6;

type Healed = Followed & Pick<Core, 'kernel' | 'logger' | 'events' | 'tracer'>;
type Around = Pick<HostMonitor, 'concerns' | 'look'>;

interface Surroundings {
  readonly hostMonitor?: Around;
  /** Names managers of networks that run on the host. */
  readonly managers?: () => Promise<readonly string[]>;
}

/** A link that was renamed. */
interface Renamed {
  readonly index: number;
  readonly was: string;
}

/** What else an event says. */
interface Told {
  readonly renamed?: Renamed | undefined;
  readonly by?: Sender | undefined;
}

/** What was done to restore a scope. */
interface Done {
  readonly actions: number;
  readonly words: string[];
  readonly senders: readonly Sender[];
}

/** Begins healing; the returned function ends it. */
export function heal(core: Healed, surroundings: Surroundings = {}): () => void {
  const healing = new Healing(core, surroundings);
  return () => healing.close();
}

class Healing {
  readonly #core: Healed;
  readonly #hostMonitor: Around | undefined;
  readonly #fights = new Fights();
  readonly #madeUp: MadeUpMacs;
  readonly #sysctls: SysctlWatch;
  readonly #culprits: Culprits;
  /** What is done in scopes that are being restored, in words. */
  readonly #words = new Map<string, string[]>();
  /** Scopes to check. */
  readonly #suspects = new Map<string, Renamed | undefined>();
  readonly #times = new Map<string, number>();
  readonly #ends: (() => void)[];
  #flags = { ...nothing };
  readonly #firewallTime = new TimeBudget(firewallBudget);
  #slowFrom = 0;
  #timer: NodeJS.Timeout | undefined;
  #due = Number.POSITIVE_INFINITY;
  #looking = false;

  constructor(core: Healed, { hostMonitor, managers }: Surroundings) {
    this.#core = core;
    this.#hostMonitor = hostMonitor;
    this.#culprits = new Culprits(managers);
    this.#madeUp = new MadeUpMacs(core);
    this.#sysctls = new SysctlWatch({
      kernel: core.kernel,
      namespaceOf: (ref) => core.reconciler.namespaceOf(ref),
      changed: (scopes) => this.#suspect(scopes),
    });
    const slow = setInterval(() => this.#lookSlowly(), slowLook).unref();
    this.#ends = [
      core.kernel.watch((event) => this.#note(event)),
      core.reconciler.onInnerEvent((ref, event) => {
        if (event.subject === 'link') this.#sysctls.forgetLink(ref, event.name);
        this.#suspect(suspectsInside(core.model, ref, event), { by: event.by });
      }),
      core.reconciler.onAction((scope, words) => this.#words.get(scope)?.push(...words) !== undefined),
      core.reconciler.onAgreement((scope) => this.#agrees(scope)),
      () => clearInterval(slow),
      () => this.#sysctls.close(),
    ];
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const end of this.#ends) end();
  }

  /** The scope was observed after its events so far. */
  #agrees(scope: Agreement): void {
    this.#suspects.delete(scope.name);
    this.#sysctls.follow(scope);
  }

  #suspect(scopes: Iterable<string>, { renamed, by }: Told = {}): void {
    for (const scope of scopes)
      if (scope === 'firewall') this.#flags.firewall = true;
      else this.#suspects.set(scope, renamed ?? this.#suspects.get(scope));
    if (by) this.#culprits.note(scopes, by);
    if (this.#suspects.size > 0 || this.#flags.firewall) this.#lookIn(collectTime);
  }

  #note(event: KernelEvent): void {
    const { subject, action, name, index, was, by } = event;
    const flags = this.#flags;
    const isLost = action === 'flush';
    flags.around ||= this.#hostMonitor?.concerns(event) ?? false;
    const isRules = subject === 'firewall' && !name.includes(tracePrefix);
    const isFirewall = isRules || obeyNames.has(name) || subject === 'rule';
    flags.firewall ||= isLost || isFirewall;
    if (isFirewall && by) this.#culprits.note(['firewall'], by);
    flags.forwarding ||= isLost || (subject === 'forwarding' && name === '');
    flags.deaf ||= isLost && subject !== 'firewall';
    flags.arrived ||=
      subject === 'address' && action === 'new' && networksOf(this.#core.model, name).length === 0;
    const renamed = was !== undefined && index !== undefined ? { index, was } : undefined;
    if (subject === 'link') for (const link of [name, was ?? '']) this.#sysctls.forgetLink('host', link);
    this.#suspect(suspectsOf(this.#core.model, event), { renamed, by });
    if (Object.values(flags).some(Boolean)) this.#lookIn(collectTime);
  }

  #lookIn(milliseconds: number): void {
    const due = Date.now() + milliseconds;
    if (this.#timer && this.#due <= due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#looking) return this.#lookIn(collectTime);
      this.#looking = true;
      this.#core.tracer
        .run({ kind: 'background', name: 'heal' }, () => this.#look())
        .catch((error) => this.#core.logger.error('healing failed', { error }))
        .finally(() => {
          this.#looking = false;
        });
    }, milliseconds);
  }

  /** A scope that fails is retried by the reconciler and does not stop the others. */
  async #look(): Promise<void> {
    const flags = this.#flags;
    this.#flags = { ...nothing };
    if (flags.arrived) this.#core.retries.hurry();
    if (flags.deaf) for (const scope of brokenScopes(this.#core)) this.#suspects.set(scope, undefined);
    const scopes = [...this.#suspects];
    this.#suspects.clear();
    // bridges before their ports
    for (const kind of ['network:', 'sandbox:'])
      await mapLimit(
        scopes.filter(([scope]) => scope.startsWith(kind)),
        atOnce,
        ([scope, renamed]) => this.#restore(scope, renamed),
      );
    if (flags.forwarding) await this.#restoreForwarding();
    if (flags.firewall) await this.#restoreFirewall();
    if (flags.around) await this.#hostMonitor?.look();
  }

  async #restore(scope: string, renamed: Renamed | undefined): Promise<void> {
    if (!this.#isThere(scope)) return void this.#culprits.take(scope);
    if (this.#core.retries.has(scope) || !this.#mayNow(scope, renamed)) return;
    if (renamed) this.#giveBack(renamed);
    const done = await this.#follow(scope, scopeNamed(scope));
    if (renamed) done.words.push(`the name ${renamed.was}`);
    if (!this.#isThere(scope)) return;
    this.#report(scope, { ...done, actions: done.actions + (renamed ? 1 : 0) });
  }

  /** A scope that fails is retried by the reconciler. */
  async #follow(scope: string, scopes: Scopes): Promise<Done> {
    const words: string[] = [];
    const senders = this.#culprits.take(scope);
    this.#words.set(scope, words);
    const actions = await follow(this.#core, scopes, 'restore').catch(() => 0);
    this.#words.delete(scope);
    return { actions, words, senders };
  }

  /** False while a scope that is changed again and again has a pause. */
  #mayNow(scope: string, renamed?: Renamed): boolean {
    const wait = this.#fights.wait(scope, Date.now());
    if (wait === 0) return true;
    this.#suspects.set(scope, renamed);
    this.#lookIn(wait);
    return false;
  }

  #giveBack({ index, was }: Renamed): void {
    const { kernel, logger, reconciler } = this.#core;
    try {
      // unless the name is back already, or is another link's
      if (kernel.host.route.findLink(was) === undefined) reconciler.restoreName(index, was);
    } catch (error) {
      logger.warn('a link does not get its name back', { link: was, error });
    }
  }

  async #restoreFirewall(): Promise<void> {
    const wait = Math.max(this.#firewallTime.wait(Date.now()), this.#fights.wait('firewall', Date.now()));
    if (wait > 0) {
      this.#flags.firewall = true;
      return this.#lookIn(wait);
    }
    const start = Date.now();
    const done = await this.#follow('firewall', scopesOf({ firewall: true }));
    this.#firewallTime.spent(Date.now() - start, Date.now());
    this.#report('firewall', done);
  }

  async #restoreForwarding(): Promise<void> {
    if (!this.#mayNow('forwarding')) return;
    const done = await this.#follow('firewall', scopesOf({ forwarding: true }));
    this.#report('forwarding', done);
  }

  #isThere(scope: string): boolean {
    const [kind, id = ''] = scope.split(':');
    return this.#core.model.get(kind === 'network' ? 'networks' : 'sandboxes', id) !== undefined;
  }

  /** One line in the log and one event for what was put back in a scope. */
  #report(scope: string, done: Done): void {
    if (done.actions === 0) return;
    const isFight = this.#fights.putBack(scope, Date.now());
    this.#tell(scope, { ...done, isFight }).catch((error) =>
      this.#core.logger.error('telling what was put back', { error }),
    );
  }

  async #tell(
    scope: string,
    { actions, words, senders, isFight }: Done & { isFight: boolean },
  ): Promise<void> {
    const { logger, model, events } = this.#core;
    const subject = nameOfScope(scope, model);
    const times = (this.#times.get(scope) ?? 0) + 1;
    this.#times.set(scope, times);
    const more = words.length > mostWords ? [`and ${words.length - mostWords} more`] : [];
    const what = [...words.slice(0, mostWords), ...more].join('; ');
    const by = await this.#culprits.tell(senders);
    logger.warn('put back what another program has changed', { subject, what, by, changes: actions, times });
    const [kind, id = ''] = scope.split(':');
    const attributes = { name: subject, what, by, changes: String(actions), times: String(times) };
    const type = kind === 'network' ? 'network' : kind === 'sandbox' ? 'container' : 'daemon';
    const actor = kind === 'sandbox' ? (model.get('sandboxes', id)?.containerId ?? '') : id || scope;
    events.emit({ type, action: 'heal', id: actor, attributes });
    if (isFight)
      logger.warn('a program keeps changing this: it is put back more slowly from now on', { subject, by });
  }

  /** Checks scopes without an event: some changes have none. */
  #lookSlowly(): void {
    const { model } = this.#core;
    const networks = Array.from(model.all('networks'), ({ id }) => `network:${id}`);
    if (this.#slowFrom >= networks.length) this.#slowFrom = 0;
    const some = networks.slice(this.#slowFrom, this.#slowFrom + networksAtATime);
    this.#slowFrom += networksAtATime;
    const isThere = (scope: string): boolean => !scope.includes(':') || this.#isThere(scope);
    for (const scope of this.#times.keys()) if (!isThere(scope)) this.#times.delete(scope);
    for (const each of [this.#sysctls, this.#culprits]) each.forgetScopes(isThere);
    this.#flags.forwarding = true;
    this.#madeUp.look(some.map((scope) => scope.slice('network:'.length)));
    this.#suspect([...some, ...brokenScopes(this.#core)]);
  }
}

const obeyNames: ReadonlySet<string> = new Set(Object.values(obeyLinks));

const nothing = { around: false, firewall: false, forwarding: false, deaf: false, arrived: false };
