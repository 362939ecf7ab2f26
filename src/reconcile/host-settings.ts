/**
 * Settings of the whole host that the engine changes, with what they were before, so that they can be given back at
 * the end. Kept in a file below the exec root, which is empty after a reboot like the kernel.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
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

  /** Noted before it is written: a crash in between gives back what is there. */
  readonly writeSysctl = (key: string, value: string): void => {
    const now = this.#host.readSysctl(key);
    if (now === value) return;
    if (now !== undefined) this.#note(key, { before: this.#known().get(key)?.before ?? now, set: value });
    this.#host.writeSysctl(key, value);
  };

  /** Leaves what somebody else has set since. Resolves with what the system says where it cannot be done. */
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
    writeFileSync(`${this.#path}.new`, JSON.stringify(Object.fromEntries(all)), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
  }
}

/** A file that is not there, or damaged, says nothing. */
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
