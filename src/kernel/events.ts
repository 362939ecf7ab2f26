/** The contract's part for what the kernel tells of changes. */

/** A change in the kernel, from the monitor. */
export interface KernelEvent {
  readonly subject:
    | 'link'
    | 'port'
    | 'address'
    | 'route'
    | 'rule'
    | 'neighbour'
    | 'forwarding'
    | 'queue'
    | 'firewall';
  /** `flush`: events were lost, so everything of this subject may have changed. */
  readonly action: 'new' | 'del' | 'flush';
  /** Name of the link if known; family and table for the firewall (`ip nat`). '' for any. */
  readonly name: string;
  /** For links: the alias (IFLA_IFALIAS), and the former name where it was renamed. */
  readonly alias?: string;
  readonly was?: string;
  /** Index of the link; for routes 0 where they have none or several. */
  readonly index?: number;
  /** For routes: prefix length 0 or 1. */
  readonly isDefault?: boolean;
  readonly by?: Sender;
}

/** The process that asked for a change, where the kernel tells. It may have ended, or be of another PID namespace. */
export interface Sender {
  readonly pid: number;
  readonly name?: string;
}
