/** Parts of the contract of `Kernel` (`kernel.ts`) that few use: mounts, iptables, WireGuard. */

export interface KernelMount {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  /** MS_* bits. */
  readonly flags: number;
  readonly data: string;
}

/** iptables' save and restore programs, used only by the firewall's iptables backend. */
export interface IptablesDoor {
  /** `iptables-save`, all tables. Throws KERNEL or KERNEL_LACKS where the program or the tables are missing. */
  save(family: 4 | 6): Promise<string>;
  /** One `iptables-restore --noflush`, retried under contention; each table as a whole or not at all. */
  restore(family: 4 | 6, script: string): Promise<void>;
}

/** Links of WireGuard on the host. */
export interface WireguardDoor {
  /** By the kernel, or by `wireguard-go` where the kernel has none. Throws KERNEL, naming what is missing. */
  create(name: string): Promise<void>;
  /** Makes keys, port and peers what they are in that file (wg(8), `syncconf`). */
  configure(name: string, file: string): Promise<void>;
  /** Keys, port and peers as they are (wg(8), `showconf`). */
  shown(name: string): Promise<string>;
}
