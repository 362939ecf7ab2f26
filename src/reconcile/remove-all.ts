/**
 * Everything on the host that says that it is the engine's goes, whatever the model is: for the end of an
 * installation, also after a crash or with a store that cannot be read.
 */
import { basename } from 'node:path';
import type { Sandbox } from '../model/sandbox.ts';
import { reconcileSandbox, type SandboxScopes } from './sandbox-scope.ts';
import { filesIn, sweep } from './sweep.ts';

export interface Removed {
  /** For people: `2 network links`. */
  readonly removed: readonly string[];
  readonly failures: readonly unknown[];
}

interface Everything {
  /** With a view in which there is nothing. */
  readonly scopes: SandboxScopes;
  /** Namespaces that others have made, as far as they are known: what the engine has put into them goes. */
  readonly external: readonly Sandbox[];
  /** Resolves with what could not be taken away. */
  removeFirewall(): Promise<readonly unknown[]>;
  /** What could not be given back. */
  giveSettingsBack(): readonly unknown[];
}

export async function removeAll({
  scopes,
  external,
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
      scopes.namespaces.openAt(id, path);
      return reconcileSandbox(id, scopes);
    });
  for (const path of paths) await attempt(() => reconcileSandbox(basename(path), scopes));
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
