/**
 * State that the kernel does not hold: which rules in shared chains are the engine's, and whether the engine
 * enabled forwarding. Kept in a file below the exec root, which a reboot empties like the kernel. A change appends
 * a line to a second file, so that its cost does not grow with the rules; from time to time the first file is
 * rewritten.
 */
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail, messageOf } from '../errors.ts';
import { writeWhole } from '../files/write-whole.ts';
import { notIn } from '../firewall/once.ts';
import type { Family } from '../net/family.ts';

export interface FirewallState {
  /** Rules by family, in the backend's text (`FilterChange`); absent for a family that was never changed. */
  readonly owned: Readonly<Partial<Record<Family, readonly string[]>>>;
  /** Families whose forwarding the engine has enabled. */
  readonly forwarding: readonly Family[];
}

/** One line of the second file. */
type Line =
  | { readonly family: Family; readonly add: readonly string[]; readonly drop: readonly string[] }
  | { readonly forwarding: readonly Family[] };

const nothing: FirewallState = { owned: {}, forwarding: [] };

/** Of both files, which have addresses of containers. */
const mode = 0o600;

/** The least number of rules in lines before the first file is rewritten. */
const mostAdded = 1_000;

export class FirewallStateFile {
  readonly #path: string;
  #state: FirewallState | undefined;
  #isMade = false;
  #added = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<FirewallState> {
    if (this.#state) return this.#state;
    const changes = await readText(changesOf(this.#path));
    const state = replay(await load(this.#path), changes);
    // the last line may be truncated, so nothing is appended: the next change rewrites
    if (changes !== '') this.#added = Number.POSITIVE_INFINITY;
    this.#state = state;
    return state;
  }

  /** Records the engine's rules of one family. */
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

  /** Removes both files. */
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
      if (!this.#isMade) await mkdir(dirname(this.#path), { recursive: true });
      this.#isMade = true;
      if (this.#added > Math.max(mostAdded, size)) await this.#rewrite(state);
      else await appendFile(changesOf(this.#path), `${JSON.stringify(line)}\n`, { mode });
    } catch (error) {
      // the files may have changed: they are read again
      this.#state = undefined;
      this.#isMade = false;
      throw error;
    }
    this.#state = state;
  }

  /** Replaying old lines on the new file changes nothing, so a crash in between does no harm. */
  async #rewrite(state: FirewallState): Promise<void> {
    await writeWhole(this.#path, `${JSON.stringify(state)}\n`, { mode, flush: false });
    await rm(changesOf(this.#path), { force: true });
    this.#added = 0;
  }
}

const changesOf = (path: string): string => `${path}.changes`;

const familiesOf = ({ owned }: FirewallState): Family[] =>
  ([4, 6] as const).filter((family) => owned[family] !== undefined);

/** A truncated last line is ignored: a rule is claimed before it is made, so its change was not made. */
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
    // the engine's rules in shared chains are then found only by their text
    return nothing;
  }
}

/** '' for a missing file. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return '';
    throw fail('KERNEL', `read "${path}"`, messageOf(thrown));
  }
}
