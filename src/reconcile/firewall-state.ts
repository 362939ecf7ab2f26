/**
 * What cannot be read from the kernel: which rules in shared chains are ours, and whether it was the engine
 * that switched forwarding on. Kept in a file below the exec root, which is empty after a reboot like the kernel.
 * A change adds a line to a second file, so that its cost does not grow with the rules that there are; from time
 * to time the first is rewritten.
 */
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail, messageOf } from '../errors.ts';
import { notIn } from '../firewall/once.ts';
import type { Family } from '../net/family.ts';

export interface FirewallState {
  /** By family, in the backend's words (`FilterChange`); absent: that family was never touched. */
  readonly owned: Readonly<Partial<Record<Family, readonly string[]>>>;
  /** Families whose forwarding the engine has switched on. */
  readonly forwarding: readonly Family[];
}

/** One line of the second file. */
type Line =
  | { readonly family: Family; readonly add: readonly string[]; readonly drop: readonly string[] }
  | { readonly forwarding: readonly Family[] };

const nothing: FirewallState = { owned: {}, forwarding: [] };

/** Of both files: addresses of containers are nobody else's business. */
const mode = 0o600;

/** So many rules in lines, at the least, before the first file is rewritten. */
const mostAdded = 1_000;

export class FirewallStateFile {
  readonly #path: string;
  #state: FirewallState | undefined;
  #added = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<FirewallState> {
    if (this.#state) return this.#state;
    const changes = await readText(changesOf(this.#path));
    const state = replay(await load(this.#path), changes);
    // the last line may be cut off: nothing is written behind it
    if (changes !== '') this.#added = Number.POSITIVE_INFINITY;
    this.#state = state;
    return state;
  }

  /** Our rules of one family. */
  async own(family: Family, rules: readonly string[]): Promise<void> {
    const before = await this.read();
    const known = before.owned[family];
    const add = notIn(rules, known ?? []);
    const drop = notIn(known ?? [], rules);
    if (known && add.length + drop.length === 0) return;
    await this.#note({ ...before, owned: { ...before.owned, [family]: rules } }, { family, add, drop });
  }

  async forwards(forwarding: readonly Family[]): Promise<void> {
    const before = await this.read();
    if (before.forwarding.join() === forwarding.join()) return;
    await this.#note({ ...before, forwarding }, { forwarding });
  }

  /** Nothing is owned any more. */
  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
    await rm(changesOf(this.#path), { force: true });
    this.#state = nothing;
    this.#added = 0;
  }

  async #note(state: FirewallState, line: Line): Promise<void> {
    const size = familiesOf(state).reduce((sum, family) => sum + (state.owned[family]?.length ?? 0), 0);
    this.#added += 'add' in line ? line.add.length + line.drop.length : 1;
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      if (this.#added > Math.max(mostAdded, size)) await this.#writeAnew(state);
      else await appendFile(changesOf(this.#path), `${JSON.stringify(line)}\n`, { mode });
    } catch (error) {
      // nothing of it counts: the next one reads what is there
      this.#state = undefined;
      throw error;
    }
    this.#state = state;
  }

  /** Lines that are left when this is cut off say of each rule what the new file says. */
  async #writeAnew(state: FirewallState): Promise<void> {
    const request = `${this.#path}.new`;
    await writeFile(request, `${JSON.stringify(state)}\n`, { mode });
    await rename(request, this.#path);
    await rm(changesOf(this.#path), { force: true });
    this.#added = 0;
  }
}

const changesOf = (path: string): string => `${path}.changes`;

const familiesOf = ({ owned }: FirewallState): Family[] =>
  ([4, 6] as const).filter((family) => owned[family] !== undefined);

/** A last line that is cut off is that of a change which was not made: a rule is claimed before it is there. */
function replay(state: FirewallState, text: string): FirewallState {
  const owned = new Map(familiesOf(state).map((family) => [family, new Set(state.owned[family])]));
  let { forwarding } = state;
  for (const line of linesOf(text)) {
    if ('forwarding' in line) forwarding = line.forwarding;
    else {
      const rules = owned.get(line.family) ?? new Set();
      for (const rule of line.add) rules.add(rule);
      for (const rule of line.drop) rules.delete(rule);
      owned.set(line.family, rules);
    }
  }
  return {
    owned: Object.fromEntries([...owned].map(([family, rules]) => [family, [...rules]])),
    forwarding,
  };
}

function linesOf(text: string): readonly Line[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : (JSON.parse(line) as Line);
    } catch {
      return [];
    }
  });
}

async function load(path: string): Promise<FirewallState> {
  const text = await readText(path);
  try {
    return text === '' ? nothing : { ...nothing, ...(JSON.parse(text) as Partial<FirewallState>) };
  } catch {
    // our rules in shared chains are then left to be found by their text
    return nothing;
  }
}

/** '' for a file that is not there. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return '';
    throw fail('KERNEL', `read "${path}"`, messageOf(thrown));
  }
}
