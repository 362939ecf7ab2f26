/** The namespaces of sandboxes, each opened once and kept open while its sandbox is there. */
import { fail, hasCode } from '../errors.ts';
import type { Kernel, Namespace } from '../kernel/kernel.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { View } from '../model/tables.ts';

export class Namespaces {
  readonly #kernel: Kernel;
  readonly #view: View;
  readonly #open = new Map<string, Namespace>();

  constructor(kernel: Kernel, view: View) {
    this.#kernel = kernel;
    this.#view = view;
  }

  /** The namespace of a sandbox of the model; it must have been made. */
  of(sandboxId: string): Namespace {
    const open = this.#open.get(sandboxId);
    if (open) return open;
    const sandbox = this.#view.get('sandboxes', sandboxId);
    if (!sandbox) throw fail('BUG', `no sandbox ${sandboxId}`);
    if (sandbox.kind === 'host') return this.#kernel.host;
    return this.openAt(sandboxId, sandbox.path);
  }

  /** As `of`; undefined where it is not there. */
  find(sandboxId: string): Namespace | undefined {
    try {
      return this.of(sandboxId);
    } catch (error) {
      if (hasCode(error, 'KERNEL')) return undefined;
      throw error;
    }
  }

  /** As `of`; one of the engine's own is made if it is not there. */
  ensure(sandbox: Sandbox): Namespace {
    if (sandbox.kind === 'own' && !this.#open.has(sandbox.id)) this.#kernel.createNamespace(sandbox.path);
    return this.of(sandbox.id);
  }

  openAt(sandboxId: string, path: string): Namespace {
    const namespace = this.#kernel.openNamespace(path);
    this.#open.set(sandboxId, namespace);
    return namespace;
  }

  /** The one that is open under that id, if any. */
  known(sandboxId: string): Namespace | undefined {
    return this.#open.get(sandboxId);
  }

  close(sandboxId: string): void {
    this.#open.get(sandboxId)?.close();
    this.#open.delete(sandboxId);
  }

  closeAll(): void {
    for (const id of [...this.#open.keys()]) this.close(id);
  }
}
