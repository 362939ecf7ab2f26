/** Names of links. */

/** IFNAMSIZ (16, linux/if.h) with its closing zero. */
export const longestLinkName = 15;

/**
 * Whether Linux takes it as the name of a link (`dev_valid_name` and `dev_get_valid_name`, net/core/dev.c):
 * 15 bytes, none of them a blank (0xa0 is one to the kernel), `/`, `:` or `%`, which stands for a number that
 * the kernel chooses. `all` and `default` are folders of /proc/sys/net/ipv4/conf already.
 */
export function isLinkName(name: string): boolean {
  if (['', '.', '..', 'all', 'default'].includes(name) || /[\s\p{Cc}/:%]/u.test(name)) return false;
  const bytes = new TextEncoder().encode(name);
  return bytes.length <= longestLinkName && !bytes.includes(0xa0);
}

/**
 * Whether rules of iptables and nftables, and the command line of iproute2, can name exactly this link. A `+`
 * at the end is iptables' wildcard and `*` that of nftables, quotes end a word of iptables-restore, and `-` or
 * `!` at the start is read as an option.
 */
export const isMatchableLinkName = (name: string): boolean =>
  isLinkName(name) && /^[A-Za-z0-9_.@=][A-Za-z0-9_.@=-]*$/.test(name);
