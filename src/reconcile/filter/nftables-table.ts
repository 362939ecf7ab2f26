/** The engine's table of one family in nftables: what there is, what others have changed, and the way to what is wanted. */
import { createHash } from 'node:crypto';
import { fail } from '../../errors.ts';
import type { FirewallInput } from '../../firewall/input.ts';
import { elementGroups, type Group } from '../../firewall/nftables/elements.ts';
import {
  describeElements,
  diffElements,
  type ElementsDiff,
  encodeChange,
  sizeOf,
  touchingEnds,
} from '../../firewall/nftables/elements-diff.ts';
import { Holdings } from '../../firewall/nftables/holdings.ts';
import { describeBlocks, parseListing, repairScript, setsThere } from '../../firewall/nftables/listing.ts';
import { type SetName, tableName, tableOf } from '../../firewall/nftables/sets.ts';
import { refillText, skeletonText } from '../../firewall/nftables/text.ts';
import { Lists } from '../../firewall/once.ts';
import type { NftElements } from '../../kernel/doors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Family } from '../../net/family.ts';

export type NftablesKernel = Pick<Kernel, 'firewallGeneration' | 'nftables' | 'host'>;

/** A reading of the table. */
export interface SeenTable {
  /** As printed; undefined for no table. */
  readonly listing: string | undefined;
  readonly elements: readonly NftElements[];
}

/** How to come from what was seen, or left, to what is wanted. */
export interface TableChange {
  readonly actions: number;
  /** For libnftables, with the elements that change; undefined where the rules stay. */
  readonly script: string | undefined;
  /** What changes after the script. */
  readonly elements: ElementsDiff;
  readonly byOthers: readonly string[];
  /** Rules and elements once it is applied. */
  readonly size: number;
  /** The rules and elements that are wanted; undefined for no table. */
  readonly wanted: Wanted | undefined;
}

type Step = Pick<TableChange, 'actions' | 'script' | 'elements'>;

interface Wanted {
  readonly skeleton: string;
  readonly groups: readonly Group[];
}

/** The table as the engine left it. */
interface Left {
  readonly skeleton: string;
  readonly listing: string;
  readonly holdings: Holdings;
}

const sizeOfTable = ({ skeleton, groups }: Wanted): number =>
  skeleton.split('\n').length + groups.reduce((sum, group) => sum + group.length, 0);

/** Tries of a transaction that others come before. */
const mostTries = 50;

const none: ElementsDiff = { add: [], remove: [] };

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

export class NftablesTable {
  readonly #kernel: NftablesKernel;
  readonly #family: Family;
  readonly #lists = new Lists();
  #left: Left | undefined;

  constructor(kernel: NftablesKernel, family: Family) {
    this.#kernel = kernel;
    this.#family = family;
  }

  /** Tells the next engine, which has not written the rules, that they are right. '' before they are written. */
  get mark(): string {
    return this.#left ? this.#markOf(this.#left) : '';
  }

  get #table() {
    return { family: this.#family, name: tableName };
  }

  async read(): Promise<SeenTable> {
    const { nftables } = this.#kernel;
    const listing = nftables.printTable(this.#table);
    if (listing === undefined) return { listing, elements: [] };
    const sets = setsThere(parseListing(listing), this.#family);
    return { listing, elements: await nftables.listElements(this.#table, sets) };
  }

  /** `seen` is undefined where the table is as the engine left it. `marks`: of earlier engines. */
  difference(
    seen: SeenTable | undefined,
    { desired, marks }: { readonly desired: FirewallInput | undefined; readonly marks: readonly string[] },
  ): TableChange {
    const isThere = seen ? seen.listing !== undefined : this.#left !== undefined;
    if (!desired) {
      const script = isThere ? `delete table ${tableOf(this.#family)}` : undefined;
      return {
        ...{ actions: isThere ? 1 : 0, script, elements: none, byOthers: [], size: 0 },
        wanted: undefined,
      };
    }
    const wanted = {
      skeleton: skeletonText(desired, this.#family),
      groups: elementGroups(desired, this.#family, this.#lists),
    };
    const left = this.#left;
    const change = seen ? this.#fromSeen(seen, wanted, marks) : this.#fromLeft(wanted);
    const byOthers = left && seen && change.actions > 0 ? this.#byOthers(left, seen) : [];
    if (change.actions === 0 && seen?.listing !== undefined) this.#keep(wanted, seen.listing);
    return { ...change, byOthers, size: sizeOfTable(wanted), wanted };
  }

  /** Applies a change, with a call for each transaction. */
  async apply({ script, elements, wanted }: TableChange, committed: () => void): Promise<void> {
    const { host, nftables } = this.#kernel;
    const left = this.#left;
    this.#left = undefined;
    if (script !== undefined) {
      host.nft(script);
      committed();
    }
    if (!wanted) return;
    if (sizeOf(elements) > 0) {
      await this.#changeElements(elements);
      committed();
    }
    const listing = script === undefined ? left?.listing : undefined;
    this.#keep(wanted, listing ?? nftables.printTable(this.#table) ?? '', left?.holdings);
  }

  forget(): void {
    this.#left = undefined;
  }

  /** Others change other tables at the same time; what they do to this one is found by the next look. */
  async #changeElements(elements: ElementsDiff): Promise<void> {
    const { nftables, firewallGeneration } = this.#kernel;
    for (let attempt = 0; attempt < mostTries; attempt++) {
      const generation = firewallGeneration.call(this.#kernel) ?? 0;
      if (await nftables.changeElements(this.#table, { ...elements, generation })) return;
    }
    throw fail(
      'KERNEL',
      'change the nftables rules',
      `others have changed them ${mostTries} times meanwhile`,
    );
  }

  #fromLeft({ skeleton, groups }: Wanted): Step {
    const left = this.#left;
    const elements = encodeChange((left?.holdings ?? new Holdings()).compare(groups));
    if (left?.skeleton === skeleton) return { actions: sizeOf(elements), script: undefined, elements };
    return this.#rewrite(left?.listing, { skeleton, groups }, elements);
  }

  #fromSeen({ listing, elements: there }: SeenTable, wanted: Wanted, marks: readonly string[]): Step {
    const { skeleton, groups } = wanted;
    const elements = diffElements(there, new Holdings().compare(groups).add);
    const isSame =
      listing !== undefined && [this.mark, ...marks].includes(this.#markOf({ skeleton, listing }));
    if (isSame) return { actions: sizeOf(elements), script: undefined, elements };
    return this.#rewrite(listing, wanted, elements);
  }

  /**
   * Rules and elements in one transaction, so that no packet meets the ones without the others. What follows it has no
   * effect on packets.
   */
  #rewrite(listing: string | undefined, { skeleton, groups }: Wanted, elements: ElementsDiff): Step {
    const family = this.#family;
    const rules = listing === undefined ? skeleton : repairScript(parseListing(listing), skeleton, family);
    const sets = new Set([...elements.remove, ...elements.add].map(({ set }) => set as SetName));
    const wanted = groups.flat();
    const script = `${rules}${refillText(sets, wanted, family)}`;
    const ends = { remove: [], add: touchingEnds(sets, wanted) };
    return { actions: 1 + sizeOf(elements), script, elements: ends };
  }

  #byOthers({ listing: before, holdings }: Left, { listing, elements }: SeenTable): readonly string[] {
    const family = this.#family;
    if (listing === undefined) return [`${tableOf(family)} was removed`];
    return [
      ...describeBlocks(parseListing(before), parseListing(listing), family),
      ...describeElements(holdings.elements(), elements, family),
    ];
  }

  #keep({ skeleton, groups }: Wanted, listing: string, holdings = new Holdings()): void {
    holdings.hold(groups);
    this.#left = { skeleton, listing, holdings };
  }

  #markOf({ skeleton, listing }: Pick<Left, 'skeleton' | 'listing'>): string {
    return `nftables ${this.#family} ${digestOf(skeleton)} ${digestOf(listing)}`;
  }
}
