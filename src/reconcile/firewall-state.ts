/**
 * What cannot be read from the kernel: which rules in shared chains are ours, and whether it was the engine
 * that switched forwarding on. Kept in a file below the exec root, which is empty after a reboot like the kernel.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail, messageOf } from '../errors.ts';
import type { IptablesFamily } from '../kernel/kernel.ts';

export interface FirewallState {
  /** Our rules in shared chains, by family, as the diff names them; absent: that family was never touched. */
  readonly owned: Readonly<Partial<Record<IptablesFamily, readonly string[]>>>;
  /** Families whose forwarding the engine has switched on. */
  readonly forwarding: readonly IptablesFamily[];
}

const nothing: FirewallState = { owned: {}, forwarding: [] };

export class FirewallStateFile {
  readonly #path: string;
  #state: FirewallState | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<FirewallState> {
    this.#state ??= await load(this.#path);
    return this.#state;
  }

  /** Written only if it differs; whole or not at all. */
  async write(state: FirewallState): Promise<void> {
    if (JSON.stringify(state) === JSON.stringify(await this.read())) return;
    const draft = `${this.#path}.new`;
    await mkdir(dirname(this.#path), { recursive: true });
    await writeFile(draft, `${JSON.stringify(state)}\n`);
    await rename(draft, this.#path);
    this.#state = state;
  }
}

async function load(path: string): Promise<FirewallState> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return nothing;
    throw fail('KERNEL', `read "${path}"`, messageOf(thrown));
  }
  try {
    return { ...nothing, ...(JSON.parse(text) as Partial<FirewallState>) };
  } catch {
    // our rules in shared chains are then left to be found by their text
    return nothing;
  }
}
