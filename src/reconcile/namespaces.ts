/** The namespaces of sandboxes and networks, each opened once and kept open. */
import { join } from 'node:path';
import { fail, hasCode } from '../errors.ts';
import type { Kernel, Namespace } from '../kernel/kernel.ts';
import { openForeign } from '../kernel/netns/foreign.ts';
import { isNamespaceFile } from '../kernel/netns/namespaces.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { View } from '../model/tables.ts';
import { type NamespaceRef, networkNamespace, parseNamespace } from '../objects/namespace-ref.ts';

export interface NamespacesContext {
  readonly kernel: Kernel;
  readonly view: Pick<View, 'get'>;
  /** Folder in which the engine's namespaces are bound. */
  readonly namespacesFolder: string;
}

export class Namespaces {
  readonly #context: NamespacesContext;
  readonly #open = new Map<NamespaceRef, Namespace>();

  constructor(context: NamespacesContext) {
    this.#context = context;
  }

  /** The namespace of the host, of a sandbox in the model, or of a network. Throws KERNEL for a missing one. */
  of(ref: NamespaceRef): Namespace {
    const { kernel, view } = this.#context;
    const open = this.#open.get(ref);
    if (open) return open;
    const parsed = parseNamespace(ref);
    if (parsed.of === 'host') return kernel.host;
    if (parsed.of === 'network') return this.#ofNetwork(ref, parsed.id);
    const sandbox = view.get('sandboxes', ref);
    if (!sandbox) throw fail('BUG', `no sandbox ${ref}`);
    if (sandbox.kind === 'host') return kernel.host;
    // opened by `ensure` alone, because the file may be one that does not answer
    if (sandbox.kind === 'external')
      throw fail('KERNEL', `open network namespace "${sandbox.path}"`, 'not yet');
    return this.openAt(ref, sandbox.path);
  }

  /** As `of`; undefined for a missing one. */
  find(ref: NamespaceRef): Namespace | undefined {
    try {
      return this.of(ref);
    } catch (error) {
      if (hasCode(error, 'KERNEL')) return undefined;
      throw error;
    }
  }

  /** Opens the namespace of a sandbox; makes a missing one if the engine owns it. Throws HOST_PATH_SILENT, KERNEL. */
  async ensure({ id, kind, path }: Sandbox): Promise<void> {
    if (this.#open.has(id)) return;
    if (kind === 'external') return this.openForeign(id, path);
    if (kind === 'own') this.#context.kernel.createNamespace(path);
    this.of(id);
  }

  /** Opens the namespace of a sandbox that may not be on record. Throws HOST_PATH_SILENT, KERNEL. */
  async openForeign(id: string, path: string): Promise<void> {
    const namespace = await openForeign(this.#context.kernel, path);
    this.close(id);
    this.#open.set(id, namespace);
  }

  /** The file of a network's namespace, whose name cannot be a sandbox's: those begin with a digit of their id. */
  pathOf(networkId: string): string {
    return join(this.#context.namespacesFolder, `net-${networkId.slice(0, 12)}`);
  }

  /** A file that nothing is bound to, which an unmount leaves, is a missing namespace. */
  #ofNetwork(ref: NamespaceRef, networkId: string): Namespace {
    const path = this.pathOf(networkId);
    if (!isNamespaceFile(path)) throw fail('KERNEL', `open network namespace "${path}"`, 'it is not there');
    return this.openAt(ref, path);
  }

  /** Makes a network's namespace. An existing one is no error. */
  create(networkId: string): void {
    this.#context.kernel.createNamespace(this.pathOf(networkId));
  }

  /** Removes a network's namespace with its content. A missing one is no error. */
  async remove(networkId: string): Promise<void> {
    this.close(networkNamespace(networkId));
    await this.#context.kernel.removeNamespace(this.pathOf(networkId));
  }

  openAt(ref: NamespaceRef, path: string): Namespace {
    const namespace = this.#context.kernel.openNamespace(path);
    this.#open.set(ref, namespace);
    return namespace;
  }

  /** The namespace if it is open. */
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
