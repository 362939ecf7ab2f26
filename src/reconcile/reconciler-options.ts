/** What the reconciler is made of. */
import type { DaemonConfig } from '../config/config.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { View } from '../model/tables.ts';
import type { Facts } from '../objects/object.ts';
import type { Logger } from '../observe/logger.ts';
import type { Tracer } from '../observe/trace.ts';
import type { FirewallConfig } from './firewall-scope.ts';
import type { HostRoutes } from './host-routes.ts';
import type { Retries } from './retries.ts';

export interface ReconcilerOptions {
  readonly kernel: Kernel;
  readonly view: View;
  readonly facts: () => Facts;
  /** Folder in which the engine's namespaces are bound, as files named by the sandbox's id or a prefix of it. */
  readonly namespacesFolder: string;
  readonly config: FirewallConfig & Partial<Pick<DaemonConfig, 'firewallBackend'>>;
  /** See `FirewallContext`. */
  readonly noRawTable?: boolean;
  /** The host's routes; by default they are read at each use. */
  readonly hostRoutes?: HostRoutes;
  /** Path of the firewall's state (`FirewallStateFile`), below the exec root. */
  readonly ownedRulesFile: string;
  readonly logger: Logger;
  /** This host's private key for encrypted networks, base64; absent: they do not converge. */
  readonly tunnelKey?: () => string;
  /** Called when a sandbox begins to follow the records; what it returns, once the kernel agrees with them. */
  readonly follows?: (sandboxId: string) => () => void;
  /** Retries failed scopes; by default the reconciler has its own. */
  readonly retries?: Retries;
  /** Runs are spans of it. */
  readonly tracer?: Pick<Tracer, 'run'>;
  /** Called with a line of `k=v` for every action. */
  readonly trace?: (line: string) => void;
}
