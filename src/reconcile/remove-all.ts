/**
 * Removes everything on the host that is marked as the engine's, independent of the model: for uninstalling, also
 * after a crash or with an unreadable store.
 */
import { basename } from 'node:path';
import type { Sandbox } from '../model/sandbox.ts';
import { reconcileSandbox, type SandboxScopes } from './sandbox-scope.ts';
import { filesIn, sweep } from './sweep.ts';

export interface Removed {
  /** Messages: `2 network links`. */
  readonly removed: readonly string[];
  readonly failures: readonly unknown[];
}

interface Everything {
  /** With an empty view. */
  readonly scopes: SandboxScopes;
  /** Known external namespaces, from which the engine's links are removed. */
  readonly external: readonly Sandbox[];
  removeTunnels(): Promise<void>;
  /** Resolves with the failures. */
  removeFirewall(): Promise<readonly unknown[]>;
  /** Returns the failures. */
  giveSettingsBack(): readonly unknown[];
}

export async function removeAll({
  scopes,
  external,
  removeTunnels,
  removeFirewall,
  giveSettingsBack,
}: Everything): Promise<Removed> {
  const failures: unknown[] = [];
  const attempt = async (task: () => Promise<number>): Promise<number> => {
    try {
      return await task();
    } catch (error) {
      failures.push(error);
      return 0;
    }
  };
  const { route } = scopes.handles.kernel.host;
  const links = route.listLinks().length;
  const paths = filesIn(scopes.namespacesFolder);
  for (const { id, path } of external)
    await attempt(async () => {
      await scopes.namespaces.openForeign(id, path);
      return reconcileSandbox(id, scopes);
    });
  for (const path of paths) await attempt(() => reconcileSandbox(basename(path), scopes));
  await attempt(() => removeTunnels().then(() => 0));
  await attempt(() => sweep(scopes));
  failures.push(...(await removeFirewall()), ...giveSettingsBack());
  const removed = [
    count(links - route.listLinks().length, 'network link'),
    count(paths.length - filesIn(scopes.namespacesFolder).length, 'network namespace'),
  ];
  return { removed: removed.filter(Boolean), failures };
}

const count = (number: number, what: string): string =>
  number > 0 ? `${number} ${what}${number > 1 ? 's' : ''}` : '';
