/** The namespaces of sandboxes and networks, each opened once and kept open while it is there. */
import { join } from 'node:path';
import { fail, hasCode } from '../errors.ts';
import type { Kernel, Namespace } from '../kernel/kernel.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { View } from '../model/tables.ts';
import { type NamespaceRef, networkNamespace, parseNamespace } from '../objects/namespace-ref.ts';

export interface NamespacesContext {
  readonly kernel: Kernel;
  readonly view: Pick<View, 'get'>;
  /** Where the engine's own are bound. */
  readonly namespacesFolder: string;
}

export class Namespaces {
  readonly #context: NamespacesContext;
  readonly #open = new Map<NamespaceRef, Namespace>();

  constructor(context: NamespacesContext) {
    this.#context = context;
  }

  /** That of the host, of a sandbox of the model, or of a network; it must have been made. */
  of(ref: NamespaceRef): Namespace {
    const { kernel, view } = this.#context;
    const open = this.#open.get(ref);
    if (open) return open;
    const parsed = parseNamespace(ref);
    if (parsed.of === 'host') return kernel.host;
    if (parsed.of === 'network') return this.openAt(ref, this.pathOf(parsed.id));
    const sandbox = view.get('sandboxes', ref);
    if (!sandbox) throw fail('BUG', `no sandbox ${ref}`);
    if (sandbox.kind === 'host') return kernel.host;
    return this.openAt(ref, sandbox.path);
  }

  /** As `of`; undefined where it is not there. */
  find(ref: NamespaceRef): Namespace | undefined {
    try {
      return this.of(ref);
    } catch (error) {
      if (hasCode(error, 'KERNEL')) return undefined;
      throw error;
    }
  }

  /** As `of`; one of the engine's own is made if it is not there. */
  ensure(sandbox: Sandbox): Namespace {
    if (sandbox.kind === 'own' && !this.#open.has(sandbox.id))
      this.#context.kernel.createNamespace(sandbox.path);
    return this.of(sandbox.id);
  }

  /** Where a network's namespace is bound. Sandboxes' files begin with a digit of their id. */
  pathOf(networkId: string): string {
    return join(this.#context.namespacesFolder, `net-${networkId.slice(0, 12)}`);
  }

  /** Of a network. Being there already is no error. */
  create(networkId: string): void {
    this.#context.kernel.createNamespace(this.pathOf(networkId));
  }

  /** Of a network, with all that is in it. Not there: no error. */
  async remove(networkId: string): Promise<void> {
    this.close(networkNamespace(networkId));
    await this.#context.kernel.removeNamespace(this.pathOf(networkId));
  }

  openAt(ref: NamespaceRef, path: string): Namespace {
    const namespace = this.#context.kernel.openNamespace(path);
    this.#open.set(ref, namespace);
    return namespace;
  }

  /** The one that is open under that name, if any. */
  known(ref: NamespaceRef): Namespace | undefined {
    return this.#open.get(ref);
  }

  close(ref: NamespaceRef): void {
    this.#open.get(ref)?.close();
    this.#open.delete(ref);
  }

  closeAll(): void {
    for (const ref of [...this.#open.keys()]) this.close(ref);
  }
}
