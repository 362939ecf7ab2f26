/** Operations on managed plugins. */
import type { Readable } from 'node:stream';
import type { Progress, RegistryAccess } from '../images/images.ts';
import type { ManagedPlugin } from '../model/plugin.ts';
import type { PluginPrivilege } from '../model/plugin-privileges.ts';

export interface PluginVerbs {
  list(): readonly ManagedPlugin[];
  get(ref: string): ManagedPlugin;
  /** From an archive of `config.json` and `rootfs/`. */
  create(name: string, archive: Readable): Promise<void>;
  /** `timeout` in seconds; 0 for the usual one. Resolves when the plugin answers on its socket. */
  enable(ref: string, options: { readonly timeout: number }): Promise<void>;
  disable(ref: string, options: { readonly force: boolean }): Promise<void>;
  /** Settings as `NAME[.FIELD][=VALUE]`. */
  set(ref: string, settings: readonly string[]): Promise<void>;
  remove(ref: string, options: { readonly force: boolean }): Promise<void>;
  /** The privileges that a plugin in a registry requires. */
  privileges(remote: string, options: RegistryAccess): Promise<readonly PluginPrivilege[]>;
  /** The local name of a pulled plugin: `name`, or if that is '' the one of `remote`. */
  localName(remote: string, name: string): string;
  pull(pull: PluginPull, progress: Progress): Promise<void>;
  /** `name` is the plugin to upgrade. */
  upgrade(pull: PluginPull, progress: Progress): Promise<void>;
  push(ref: string, options: RegistryAccess, progress: Progress): Promise<void>;
}

export interface PluginPull extends RegistryAccess {
  readonly remote: string;
  readonly name: string;
  readonly granted: readonly Pick<PluginPrivilege, 'Name' | 'Value'>[];
}
