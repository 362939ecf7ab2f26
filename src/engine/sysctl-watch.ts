/**
 * Watches the sysctls that scopes need, on the host and in namespaces of networks, by the file system: the kernel sends
 * events for few of them. What no watch tells (a write by another mount of /proc) is found by the slow look.
 */
import type { Kernel, Namespace } from '../kernel/kernel.ts';
import { type NamespaceRef, parseNamespace } from '../objects/namespace-ref.ts';
import { linkOfSysctl } from '../objects/sysctl.ts';
import type { Agreement } from '../reconcile/handles.ts';

interface Watched {
  readonly ns: NamespaceRef;
  readonly namespace: Namespace;
  /** The link whose folder has the key; '' for none. */
  readonly link: string;
  readonly scopes: Set<string>;
  readonly end: () => void;
}

export interface SysctlWatchContext {
  readonly kernel: Pick<Kernel, 'watchSysctl'>;
  /** Throws KERNEL for a missing namespace. */
  namespaceOf(ref: NamespaceRef): Namespace;
  /** `key` was written, which these scopes need. */
  changed(scopes: Iterable<string>, key: string): void;
}

/** A write to one of these below `conf/all` is a write to all links. */
const ofAllLinks = /^net\/ipv6\/conf\/[^/]+\/(?:disable_ipv6|forwarding)$/;

export class SysctlWatch {
  readonly #context: SysctlWatchContext;
  readonly #watched = new Map<string, Watched>();

  constructor(context: SysctlWatchContext) {
    this.#context = context;
  }

  /** Watches the sysctls of a scope. */
  follow({ name, desired }: Agreement): void {
    for (const object of desired) {
      if (object.kind !== 'sysctl' || parseNamespace(object.ns).of === 'sandbox') continue;
      const { ns, key } = object;
      const namespace = this.#context.namespaceOf(ns);
      this.#watch(key, { ns, namespace }).scopes.add(name);
      if (ofAllLinks.test(key)) {
        const all = key.replace(/\/conf\/[^/]+\//, '/conf/all/');
        this.#watch(all, { ns, namespace }).scopes.add(name);
      }
    }
  }

  /** The link is another one, or has its folder no more: its files are watched again with the next agreement. */
  forgetLink(ns: NamespaceRef, link: string): void {
    this.#forget((watched) => watched.link === link && watched.ns === ns);
  }

  /** Drops scopes that are gone. */
  forgetScopes(isThere: (scope: string) => boolean): void {
    for (const { scopes } of this.#watched.values())
      for (const scope of scopes) if (!isThere(scope)) scopes.delete(scope);
    this.#forget(({ scopes }) => scopes.size === 0);
  }

  close(): void {
    this.#forget(() => true);
  }

  #forget(isMeant: (watched: Watched) => boolean): void {
    for (const [id, watched] of this.#watched)
      if (isMeant(watched)) {
        watched.end();
        this.#watched.delete(id);
      }
  }

  #watch(key: string, { ns, namespace }: Pick<Watched, 'ns' | 'namespace'>): Watched {
    const id = `${ns} ${key}`;
    const known = this.#watched.get(id);
    if (known?.namespace === namespace) return known;
    known?.end();
    const scopes = new Set(known?.scopes);
    const end = this.#context.kernel.watchSysctl(key, {
      namespace,
      changed: () => this.#context.changed(scopes, key),
    });
    const watched = { ns, namespace, link: linkOfSysctl(key), scopes, end };
    this.#watched.set(id, watched);
    return watched;
  }
}
