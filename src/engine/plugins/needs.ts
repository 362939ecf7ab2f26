/** What running managed plugins takes. */
import type { DaemonConfig } from '../../config/config.ts';
import type { Images } from '../../images/images.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { View } from '../../model/tables.ts';
import type { Logger } from '../../observe/logger.ts';
import type { Plugins } from '../../plugins/plugins.ts';
import type { Retries } from '../../reconcile/retries.ts';
import type { Runtime } from '../../runtime/runtime.ts';

export interface PluginNeeds {
  readonly config: Pick<DaemonConfig, 'dataRoot' | 'execRoot'>;
  readonly folders: { readonly containers: string };
  readonly kernel: Pick<Kernel, 'listMounts' | 'unmount' | 'mountShared'>;
  readonly runtime: Pick<
    Runtime,
    'create' | 'start' | 'kill' | 'remove' | 'exitOf' | 'logs' | 'removeLogs' | 'onExit'
  >;
  readonly images: Pick<Images, 'mountRoot' | 'unmountRoot' | 'rootFolders'>;
  readonly plugins: Pick<Plugins, 'manage' | 'register' | 'unregister'>;
  readonly model: Pick<View, 'all'>;
  readonly retries: Pick<Retries, 'attempt' | 'drop'>;
  readonly logger: Logger;
}
