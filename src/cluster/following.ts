/** Follows the store's changes, and detects by its epoch and revision that it was wiped or restored. */
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Changes, Range } from '../kv/kv.ts';
import type { Network } from '../model/network.ts';
import type { Change } from '../model/tables.ts';
import { arrivals } from './arriving.ts';
import { arriveWhole } from './arriving-whole.ts';
import type { ClusterContext } from './context.ts';
import { readEpoch } from './formats.ts';
import { keys, placeOf } from './keys.ts';
import { partsOf } from './parts-of-changes.ts';
import { pipeline } from './pipeline.ts';
import { sharedBy } from './rivals.ts';

/** Milliseconds for other hosts to write their records back, before missing records count as removed. */
const grace = 30_000;

export interface FollowingOptions {
  readonly context: ClusterContext;
  /** Starts a comparison of this host's records with the store. */
  readonly compare: () => void;
  readonly grace?: number;
}

export class Following {
  readonly #options: FollowingOptions;
  readonly #ended = new AbortController();
  #thaw: NodeJS.Timeout | undefined;
  #revision = 0;
  /** '' for none. */
  #epoch: string | undefined;
  #isRunning: Promise<void> | undefined;

  constructor(options: FollowingOptions) {
    this.#options = options;
  }

  begin(onAway: (why: Error | undefined) => void): void {
    this.#isRunning = this.#run(onAway);
  }

  async close(): Promise<void> {
    clearTimeout(this.#thaw);
    this.#ended.abort();
    await this.#isRunning;
  }

  async #run(onAway: (why: Error | undefined) => void): Promise<void> {
    const { kv, logger } = this.#options.context;
    for await (const update of kv.watch('', { signal: this.#ended.signal, onAway })) {
      try {
        await (update.kind === 'snapshot' ? this.#whole(update) : this.#part(update));
      } catch (error) {
        logger.error('records of the cluster could not be brought in', { error });
      }
    }
  }

  /** At the start, and when the changes in between are unknown. */
  async #whole({ entries, revision }: Range): Promise<void> {
    const { context, compare } = this.#options;
    const { mirror, view } = context;
    // reading thousands of records has taken its time
    await setImmediate();
    mirror.replace(entries);
    const known = Math.max(view.get('cluster', 'state')?.revision ?? 0, this.#revision);
    const isOther = this.#isOtherEpoch() || revision < known;
    this.#revision = revision;
    if (isOther) this.#freeze();
    await this.#bringInAll();
    compare();
  }

  /** A large difference in parts, so that the event loop is free in between. */
  async #part(changes: Changes): Promise<void> {
    if (this.#tellsOtherEpoch(changes)) return this.#whole(await this.#read());
    const parts = [...partsOf(changes)];
    let isAmiss = false;
    await pipeline(parts, async (part) => {
      // the revision is known once all of it is
      if (part === parts.at(-1)) this.#revision = changes.revision;
      isAmiss = (await this.#bringInPart(part)) || isAmiss;
    });
    if (isAmiss) this.#options.compare();
  }

  /** Whether this host's records are to be compared with it. */
  async #bringInPart({ put, removed, revision }: Omit<Changes, 'kind'>): Promise<boolean> {
    const { mirror } = this.#options.context;
    const changed = mirror.learn({ put, removed, revision });
    const isOther = this.#isOtherEpoch();
    if (isOther) this.#freeze();
    await this.#bringIn(changed);
    return isOther || changed.includes(keys.level) || changed.some((key) => this.#isOwn(key));
  }

  /**
   * A backup that is newer than the store before it: single keys have older revisions all the same, and would be taken for what
   * is known already.
   */
  #tellsOtherEpoch({ put, removed }: Changes): boolean {
    const { mirror } = this.#options.context;
    const known = mirror.get(keys.epoch)?.value;
    const told = put.find(({ key }) => key === keys.epoch)?.value;
    return known !== undefined && (removed.includes(keys.epoch) || (told !== undefined && told !== known));
  }

  /** The whole state, once the store gives it. */
  async #read(): Promise<Range> {
    const { kv } = this.#options.context;
    const { signal } = this.#ended;
    for (;;)
      try {
        return await kv.range('', { signal });
      } catch (error) {
        if (signal.aborted) throw error;
        await setTimeout(1_000, undefined, { signal });
      }
  }

  /** True once per change: the epoch is remembered. */
  #isOtherEpoch(): boolean {
    const { view, mirror } = this.#options.context;
    const seen = this.#epoch ?? view.get('cluster', 'state')?.epoch ?? '';
    this.#epoch = mirror.read(keys.epoch, readEpoch) ?? '';
    return seen !== '' && seen !== this.#epoch;
  }

  /** Whether a key concerns this host's endpoints, and is not in one of its own transactions. */
  #isOwn(key: string): boolean {
    const { view, mirror, standing } = this.#options.context;
    if (standing.inFlight.has(key)) return false;
    const place = placeOf(key);
    if (place?.kind === 'network')
      return mirror.get(key)
        ? this.#isRival(place.network)
        : view.endpointsOfNetwork(place.network).length > 0;
    if (place?.kind === 'endpoint' && view.get('endpoints', place.endpoint)) return true;
    if (place?.kind === 'address' && view.get('claims', `${place.network} ${place.address}`)) return true;
    return (place?.kind === 'endpoint' || place?.kind === 'address') && mirror.isOwn(key);
  }

  /** Whether it has something of a network that containers of this host are on. */
  #isRival(id: string): boolean {
    const { view } = this.#options.context;
    const network = view.get('networks', id);
    if (!network) return false;
    const used = (other: Network): boolean =>
      other.scope === 'global' && view.endpointsOfNetwork(other.id).length > 0;
    const others = Array.from(view.all('networks')).filter((other) => used(other) || used(network));
    return others.some((other) => other.scope === 'global' && sharedBy(network, other) !== undefined);
  }

  async #bringIn(changed: Iterable<string>): Promise<void> {
    const { view, mirror, here, standing, arrive } = this.#options.context;
    const before = mirror.bad.size;
    const changes = arrivals({ view, mirror, here, frozen: standing.isFrozen }, changed);
    await arrive([...changes, ...this.#adopting()]);
    this.#tellBad(before);
  }

  async #bringInAll(): Promise<void> {
    const { context } = this.#options;
    const before = context.mirror.bad.size;
    await arriveWhole(context);
    await context.arrive(this.#adopting());
    this.#tellBad(before);
  }

  #tellBad(before: number): void {
    const { mirror, logger } = this.#options.context;
    if (mirror.bad.size > before)
      logger.warn('the cluster store has values that are no records: they are left out', {
        count: mirror.bad.size,
        last: [...mirror.bad].at(-1)?.join(': ') ?? '',
      });
  }

  /** Keeps all records here for a while: the store has lost its contents. */
  #freeze(): void {
    const { context, grace: patience = grace } = this.#options;
    const { standing, logger } = context;
    clearTimeout(this.#thaw);
    if (!standing.isFrozen)
      logger.warn('the cluster store was wiped or restored: what this host has is written back', {
        seconds: patience / 1000,
      });
    standing.isFrozen = true;
    standing.isRenewed = true;
    standing.isContested = true;
    this.#thaw = globalThis.setTimeout(() => void this.#thawed(), patience).unref();
  }

  async #thawed(): Promise<void> {
    const { context, compare } = this.#options;
    const { standing, logger } = context;
    standing.isFrozen = false;
    try {
      await this.#bringInAll();
    } catch (error) {
      logger.error('what others have removed from the cluster store is not removed here', { error });
    }
    // claims that nobody has taken back by now count
    compare();
  }

  /** Records the epoch and the revision that were read. */
  async adopt(): Promise<void> {
    await this.#options.context.arrive(this.#adopting());
  }

  /** Nothing while frozen, so that after a restart the loss is still noticed. */
  #adopting(): readonly Change[] {
    const { view, mirror, standing } = this.#options.context;
    const epoch = mirror.read(keys.epoch, readEpoch);
    if (standing.isFrozen || epoch === undefined) return [];
    const known = view.get('cluster', 'state');
    if (known?.epoch === epoch && known.revision === this.#revision) return [];
    return [{ table: 'cluster', put: { id: 'state', epoch, revision: this.#revision } }];
  }
}
