/**
 * Host-wide sysctls that the engine changes, with their former values, so that `--remove-all` can restore them. Kept
 * in a file below the exec root, which a reboot empties like the kernel.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeWholeSync } from '../files/write-whole.ts';
import type { Namespace } from '../kernel/kernel.ts';

type Sysctls = Pick<Namespace, 'readSysctl' | 'writeSysctl'>;

interface Changed {
  readonly before: string;
  readonly set: string;
}

const isChanged = (value: unknown): value is Changed =>
  typeof value === 'object' &&
  value !== null &&
  'before' in value &&
  typeof value.before === 'string' &&
  'set' in value &&
  typeof value.set === 'string';

export class HostSettings {
  readonly #path: string;
  readonly #host: Sysctls;
  #changed: Map<string, Changed> | undefined;

  constructor(path: string, host: Sysctls) {
    this.#path = path;
    this.#host = host;
  }

  readonly readSysctl = (key: string): string | undefined => this.#host.readSysctl(key);

  /** Records the former value first; a crash in between does no harm. */
  readonly writeSysctl = (key: string, value: string): void => {
    const now = this.#host.readSysctl(key);
    if (now === value) return;
    if (now !== undefined) this.#note(key, { before: this.#known().get(key)?.before ?? now, set: value });
    this.#host.writeSysctl(key, value);
  };

  /** Restores former values, except of sysctls that another program has set since. Returns the failures. */
  giveBack(): readonly unknown[] {
    const failures: unknown[] = [];
    for (const [key, { before, set }] of this.#known()) {
      try {
        if (this.#host.readSysctl(key) === set) this.#host.writeSysctl(key, before);
      } catch (error) {
        failures.push(error);
      }
    }
    return failures;
  }

  #known(): Map<string, Changed> {
    this.#changed ??= new Map(read(this.#path));
    return this.#changed;
  }

  #note(key: string, changed: Changed): void {
    const all = this.#known();
    all.set(key, changed);
    mkdirSync(dirname(this.#path), { recursive: true });
    writeWholeSync(this.#path, JSON.stringify(Object.fromEntries(all)), { flush: false });
  }
}

/** Empty for a missing or damaged file. */
function read(path: string): readonly (readonly [string, Changed])[] {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Object.entries(value ?? {}).flatMap(([key, changed]) =>
      isChanged(changed) ? [[key, changed]] : [],
    );
  } catch {
    return [];
  }
}
