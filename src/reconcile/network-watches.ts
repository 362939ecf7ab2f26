/** Watches namespaces of networks, and rules in those of sandboxes: the kernel's watch of the host does not hear them. */

import type { InnerWatch } from '../kernel/doors.ts';
import type { KernelEvent } from '../kernel/events.ts';
import type { Kernel, Namespace } from '../kernel/kernel.ts';
import { type NamespaceRef, parseNamespace } from '../objects/namespace-ref.ts';
import type { KernelObject } from '../objects/object.ts';
import type { Agreement } from './handles.ts';

export type InnerListener = (ref: NamespaceRef, event: KernelEvent) => void;

interface WatchesContext {
  readonly kernel: Pick<Kernel, 'drain' | 'watchInside' | 'watchRules'>;
  /** The namespace if it is open. */
  known(ref: NamespaceRef): Namespace | undefined;
}

interface Watched {
  readonly namespace: Namespace;
  /** Index of a network's tunnel; 0 in a sandbox. */
  readonly tunnel: number;
  readonly watch: InnerWatch;
}

export class NetworkWatches {
  readonly #context: WatchesContext;
  readonly #listeners = new Set<InnerListener>();
  readonly #watched = new Map<NamespaceRef, Watched>();

  constructor(context: WatchesContext) {
    this.#context = context;
  }

  listen(listener: InnerListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Watches the namespace of an overlay whose plan the kernel matches, and the rules of a sandbox that policies are for. */
  follow({ name, desired }: Agreement): void {
    for (const object of desired) {
      if (isTunnel(object)) this.#watch(object.ns, object.name);
      if (object.kind === 'access') this.#watchRules(object.ns);
    }
    const [kind, id = ''] = name.split(':');
    if (kind === 'sandbox' && !desired.some((object) => object.kind === 'access')) this.close(id);
  }

  /** Delivers pending events of the host and of the namespaces that objects are in. */
  drain(objects: Iterable<Pick<KernelObject, 'ns'>>): void {
    this.#context.kernel.drain();
    if (this.#watched.size === 0) return;
    for (const ref of new Set(Array.from(objects, ({ ns }) => ns))) this.#watched.get(ref)?.watch.drain();
  }

  /** To be called before the namespace is closed: the watch would keep it. */
  close(ref: NamespaceRef): void {
    this.#watched.get(ref)?.watch.close();
    this.#watched.delete(ref);
  }

  closeAll(): void {
    for (const ref of [...this.#watched.keys()]) this.close(ref);
  }

  #watch(ref: NamespaceRef, link: string): void {
    const parsed = parseNamespace(ref);
    const namespace = this.#context.known(ref);
    const tunnel = namespace?.route.findLink(link)?.index;
    if (parsed.of !== 'network' || !namespace || tunnel === undefined) return;
    const before = this.#watched.get(ref);
    if (before?.namespace === namespace && before.tunnel === tunnel) return;
    this.close(ref);
    const watch = this.#context.kernel.watchInside({ namespace, tunnel }, (event) => {
      for (const listener of this.#listeners) listener(ref, event);
    });
    this.#watched.set(ref, { namespace, tunnel, watch });
  }

  #watchRules(ref: NamespaceRef): void {
    const namespace = this.#context.known(ref);
    if (!namespace || this.#watched.get(ref)?.namespace === namespace) return;
    this.close(ref);
    const watch = this.#context.kernel.watchRules(namespace, (event) => {
      for (const listener of this.#listeners) listener(ref, event);
    });
    this.#watched.set(ref, { namespace, tunnel: 0, watch });
  }
}

const isTunnel = (object: KernelObject) => object.kind === 'link' && object.type === 'vxlan';
