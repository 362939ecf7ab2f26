/**
 * Watches host-wide sysctls that networks need (bridge-nf-call-iptables) by the file system, since the kernel sends no
 * events. Sysctls of single links are too many and are not watched.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { Agreement } from '../reconcile/handles.ts';

interface Watched {
  readonly scopes: Set<string>;
  readonly end: () => void;
}

export class SysctlWatch {
  readonly #kernel: Pick<Kernel, 'watchSysctl'>;
  readonly #changed: (scopes: Iterable<string>) => void;
  readonly #watched = new Map<string, Watched>();

  constructor(kernel: Pick<Kernel, 'watchSysctl'>, changed: (scopes: Iterable<string>) => void) {
    this.#kernel = kernel;
    this.#changed = changed;
  }

  /** Watches the sysctls of a scope. */
  follow({ name, desired }: Agreement): void {
    for (const object of desired)
      if (object.kind === 'sysctl' && object.ns === 'host' && !object.key.includes('/conf/'))
        this.#watch(object.key).scopes.add(name);
  }

  close(): void {
    for (const { end } of this.#watched.values()) end();
    this.#watched.clear();
  }

  #watch(key: string): Watched {
    const known = this.#watched.get(key);
    if (known) return known;
    const scopes = new Set<string>();
    const watched = { scopes, end: this.#kernel.watchSysctl(key, () => this.#changed(scopes)) };
    this.#watched.set(key, watched);
    return watched;
  }
}
