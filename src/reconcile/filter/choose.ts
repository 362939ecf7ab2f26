/** The backend of the firewall: as asked, else iptables where it is installed. */
import type { FirewallBackendChoice } from '../../config/config.ts';
import type { FilterChange, PacketFilter } from '../../firewall/packet-filter.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { IptablesFilter } from './iptables-filter.ts';
import { NftablesFilter } from './nftables-filter.ts';

export type FirewallBackend = Exclude<FirewallBackendChoice, ''>;

export const chooseBackend = (
  asked: FirewallBackendChoice,
  { iptables }: { readonly iptables: Pick<Kernel['iptables'], 'isInstalled'> },
): FirewallBackend => asked || (iptables.isInstalled() ? 'iptables' : 'nftables');

export const openFilter = (backend: FirewallBackend, kernel: Kernel): PacketFilter<unknown, FilterChange> =>
  backend === 'iptables' ? new IptablesFilter(kernel) : new NftablesFilter(kernel);
