/** The known contents of the cluster's store. Pure: the caller feeds it what was read. */
import { messageOf } from '../errors.ts';
import type { Entry } from '../kv/kv.ts';
import { NewerRecord } from './bad-record.ts';
import { type ClaimValue, readClaim } from './formats.ts';

/** `revision`: the revision as of which the removed keys are gone. */
export interface News {
  readonly put?: readonly Entry[];
  readonly removed?: readonly string[];
  readonly revision?: number;
  /** The generation when the store was asked. News of an older one are ignored: the store may have been wiped since. */
  readonly generation?: number;
}

export class Mirror {
  readonly #entries = new Map<string, Entry>();
  /** Keys by the folder that they lie in, valid or not. */
  readonly #folders = new Map<string, Set<string>>();
  /** Keys whose value is not a valid record, with the reason. */
  readonly bad = new Map<string, string>();
  readonly #newer = new Set<string>();
  readonly #here: string;
  /** Keys whose value names this host. */
  readonly #own = new Set<string>();
  #generation = 0;

  /** `here`: id of this host's node. */
  constructor(here: string) {
    this.#here = here;
  }

  /** Keys whose value names this host: those of its endpoints and addresses, and of what it is removing. */
  own(): readonly string[] {
    return [...this.#own];
  }

  /** Counts the whole states that were read. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether the key's value names this host. */
  isOwn(key: string): boolean {
    return this.#own.has(key);
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  in(folder: string): Iterable<string> {
    return this.#folders.get(folder) ?? [];
  }

  /** Returns the keys that have changed. Entries older than the known ones are ignored. */
  learn(news: News): readonly string[] {
    const { put = [], removed = [], revision = Infinity, generation = this.#generation } = news;
    if (generation !== this.#generation) return [];
    const changed = put.filter((entry) => (this.#entries.get(entry.key)?.revision ?? -1) < entry.revision);
    for (const entry of changed) this.#set(entry);
    const gone = removed.filter(
      (key) => (this.#entries.get(key)?.revision ?? Infinity) <= revision && this.#remove(key),
    );
    return [...changed.map(({ key }) => key), ...gone];
  }

  /** Replaces the whole state: revisions may have gone back. Returns the keys that have changed. */
  replace(entries: readonly Entry[]): readonly string[] {
    this.#generation++;
    const present = new Set(this.#entries.size === 0 ? [] : entries.map(({ key }) => key));
    const gone = [...this.#entries.keys()].filter((key) => !present.has(key));
    const changed = entries.filter(({ key, revision, value }) => {
      const known = this.#entries.get(key);
      return known?.revision !== revision || known.value !== value;
    });
    for (const key of gone) this.#remove(key);
    for (const entry of changed) this.#set(entry);
    return [...changed.map(({ key }) => key), ...gone];
  }

  /** The key's value, parsed by `read`; undefined if it is missing or not a valid record. */
  read<T>(key: string, read: (value: string) => T): T | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    try {
      return read(entry.value);
    } catch (error) {
      this.bad.set(key, messageOf(error));
      if (error instanceof NewerRecord) this.#newer.add(key);
      return undefined;
    }
  }

  /** Whether the value was found to be of a newer format than this version reads. */
  isNewer(key: string): boolean {
    return this.#newer.has(key);
  }

  claim(key: string): ClaimValue | undefined {
    return this.read(key, readClaim);
  }

  #set(entry: Entry): void {
    this.#forgetBad(entry.key);
    this.#entries.set(entry.key, entry);
    if (entry.value.includes(this.#here)) this.#own.add(entry.key);
    else this.#own.delete(entry.key);
    const folder = folderOf(entry.key);
    const known = this.#folders.get(folder);
    if (known) known.add(entry.key);
    else this.#folders.set(folder, new Set([entry.key]));
  }

  #forgetBad(key: string): void {
    if (this.bad.size === 0) return;
    this.bad.delete(key);
    this.#newer.delete(key);
  }

  #remove(key: string): boolean {
    this.#forgetBad(key);
    this.#own.delete(key);
    const folder = folderOf(key);
    const known = this.#folders.get(folder);
    known?.delete(key);
    if (known?.size === 0) this.#folders.delete(folder);
    return this.#entries.delete(key);
  }
}

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf('/'));
