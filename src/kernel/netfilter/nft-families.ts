/** Families of nf_tables (NFPROTO_* of linux/netfilter.h) by number, in the words of nft(8). */
export const nftFamilies: Readonly<Record<number, string>> = {
  1: 'inet',
  2: 'ip',
  3: 'arp',
  5: 'netdev',
  7: 'bridge',
  10: 'ip6',
};
