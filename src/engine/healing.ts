/**
 * Healing: what somebody else takes away from the host (a flushed firewall, a deleted bridge, a port that is down) is
 * put back. The kernel's events only say where to look; what to do follows from comparing with the model again. What
 * others change around the networks (routes, the uplink's MTU) is looked at in the same way.
 */
import { type Scopes, scopeNamed, scopesOf } from '../affected/affected.ts';
import type { KernelEvent } from '../kernel/kernel.ts';
import { Fights } from '../reconcile/fights.ts';
import type { Agreement } from '../reconcile/handles.ts';
import { nameOfScope } from '../reconcile/runs.ts';
import { TimeBudget } from '../reconcile/time-budget.ts';
import { type Followed, follow } from './change.ts';
import type { Core } from './core.ts';
import type { HostMonitor } from './host-monitor.ts';
import { mapLimit } from './limit.ts';
import { brokenScopes, networksOf, suspectsOf } from './suspects.ts';
import { SysctlWatch } from './sysctl-watch.ts';

/** A flush is many events: they are waited for, so that one look follows (milliseconds). */
const collectTime = 100;
/** Of what no event tells there is a look from time to time, at so many networks at a time. */
const slowLook = 60_000;
const networksAtATime = 100;
/**
 * Looking at the firewall may take this part of the time: others may change rules all the time. What another program
 * does in several steps (a reload) is followed at once.
 */
const firewallBudget = { share: 1 / 20, burst: 2_000 };
const atOnce = 4;

type Healed = Followed & Pick<Core, 'kernel' | 'logger' | 'events'>;
type Around = Pick<HostMonitor, 'concerns' | 'look'>;

/** A link that has another name now. */
interface Renamed {
  readonly index: number;
  readonly was: string;
}

/** Begin; the function returned ends it. */
export function heal(core: Healed, hostMonitor?: Around): () => void {
  const healing = new Healing(core, hostMonitor);
  return () => healing.close();
}

class Healing {
  readonly #core: Healed;
  readonly #hostMonitor: Around | undefined;
  readonly #fights = new Fights();
  readonly #sysctls: SysctlWatch;
  /** Scopes to look at. */
  readonly #suspects = new Map<string, Renamed | undefined>();
  readonly #times = new Map<string, number>();
  readonly #ends: (() => void)[];
  #flags = { ...nothing };
  readonly #firewallTime = new TimeBudget(firewallBudget);
  #slowFrom = 0;
  #timer: NodeJS.Timeout | undefined;
  #due = Number.POSITIVE_INFINITY;
  #looking = false;

  constructor(core: Healed, hostMonitor: Around | undefined) {
    this.#core = core;
    this.#hostMonitor = hostMonitor;
    this.#sysctls = new SysctlWatch(core.kernel, (scopes) => this.#suspect(scopes));
    const slow = setInterval(() => this.#lookSlowly(), slowLook).unref();
    this.#ends = [
      core.kernel.watch((event) => this.#note(event)),
      core.reconciler.onAgreement((scope) => this.#agrees(scope)),
      () => clearInterval(slow),
      () => this.#sysctls.close(),
    ];
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const end of this.#ends) end();
  }

  /** What was heard of the scope until now has been seen by this observation. */
  #agrees(scope: Agreement): void {
    this.#suspects.delete(scope.name);
    this.#sysctls.follow(scope);
  }

  #suspect(scopes: Iterable<string>, renamed?: Renamed): void {
    for (const scope of scopes) this.#suspects.set(scope, renamed ?? this.#suspects.get(scope));
    if (this.#suspects.size > 0) this.#lookIn(collectTime);
  }

  #note(event: KernelEvent): void {
    const { subject, action, name, index, was } = event;
    const flags = this.#flags;
    const isLost = action === 'flush';
    flags.around ||= this.#hostMonitor?.concerns(event) ?? false;
    flags.firewall ||= isLost || subject === 'firewall';
    flags.forwarding ||= isLost || (subject === 'forwarding' && name === '');
    flags.deaf ||= isLost && subject !== 'firewall';
    flags.arrived ||=
      subject === 'address' && action === 'new' && networksOf(this.#core.model, name).length === 0;
    const renamed = was !== undefined && index !== undefined ? { index, was } : undefined;
    this.#suspect(suspectsOf(this.#core.model, event), renamed);
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
      this.#look()
        .catch((error) => this.#core.logger.error('healing failed', { error }))
        .finally(() => {
          this.#looking = false;
        });
    }, milliseconds);
  }

  /** One that fails is tried again by the reconciler, and keeps no other from being looked at. */
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
    if (!this.#isThere(scope) || this.#core.retries.has(scope) || !this.#mayNow(scope, renamed)) return;
    if (renamed) this.#giveBack(renamed);
    const actions = await this.#follow(scopeNamed(scope));
    if ((actions > 0 || renamed) && this.#isThere(scope)) this.#report(scope, actions);
  }

  /** One that fails is tried again by the reconciler. */
  #follow(scopes: Scopes): Promise<number> {
    return follow(this.#core, scopes, 'restore').catch(() => 0);
  }

  /** False: somebody keeps changing it, and its pause is not over. */
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
      // not where it was named back meanwhile, or where the name is another link's
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
    const actions = await this.#follow(scopesOf({ firewall: true }));
    this.#firewallTime.spent(Date.now() - start, Date.now());
    if (actions > 0) this.#report('firewall', actions);
  }

  async #restoreForwarding(): Promise<void> {
    if (!this.#mayNow('forwarding')) return;
    const actions = await this.#follow(scopesOf({ forwarding: true }));
    if (actions > 0) this.#report('forwarding', actions);
  }

  #isThere(scope: string): boolean {
    const [kind, id = ''] = scope.split(':');
    return this.#core.model.get(kind === 'network' ? 'networks' : 'sandboxes', id) !== undefined;
  }

  #report(scope: string, changes: number): void {
    const { logger, model, events } = this.#core;
    const subject = nameOfScope(scope, model);
    const times = (this.#times.get(scope) ?? 0) + 1;
    this.#times.set(scope, times);
    logger.info('put back what somebody has changed', { subject, changes, times });
    const [kind, id = ''] = scope.split(':');
    const attributes = { name: subject, changes: String(changes), times: String(times) };
    const type = kind === 'network' ? 'network' : kind === 'sandbox' ? 'container' : 'daemon';
    const actor = kind === 'sandbox' ? (model.get('sandboxes', id)?.containerId ?? '') : id || scope;
    events.emit({ type, action: 'heal', id: actor, attributes });
    if (this.#fights.putBack(scope, Date.now()))
      logger.warn('somebody keeps changing this: it is put back more slowly from now on', { subject });
  }

  /** Settings of a link are not told by the kernel. */
  #lookSlowly(): void {
    const { model } = this.#core;
    const networks = Array.from(model.all('networks'), ({ id }) => `network:${id}`);
    if (this.#slowFrom >= networks.length) this.#slowFrom = 0;
    const some = networks.slice(this.#slowFrom, this.#slowFrom + networksAtATime);
    this.#slowFrom += networksAtATime;
    for (const scope of this.#times.keys())
      if (scope.includes(':') && !this.#isThere(scope)) this.#times.delete(scope);
    this.#flags.forwarding = true;
    this.#suspect([...some, ...brokenScopes(this.#core)]);
  }
}

const nothing = { around: false, firewall: false, forwarding: false, deaf: false, arrived: false };
