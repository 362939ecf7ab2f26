/** Names of links. */

/** Bytes: IFNAMSIZ (16, linux/if.h) less the closing zero. */
export const longestLinkName = 15;

/**
 * Whether Linux accepts the name for a link (`dev_valid_name` and `dev_get_valid_name`, net/core/dev.c): at most 15
 * bytes, no whitespace (0xa0 counts as such), no `/` or `:`, and no `%`, for which the kernel would fill in a number.
 * `all` and `default` are folders of /proc/sys/net/ipv4/conf.
 */
export function isLinkName(name: string): boolean {
  if (['', '.', '..', 'all', 'default'].includes(name) || /[\s\p{Cc}/:%]/u.test(name)) return false;
  const bytes = new TextEncoder().encode(name);
  return bytes.length <= longestLinkName && !bytes.includes(0xa0);
}

/**
 * Whether iptables, nftables and the command line of iproute2 can name exactly this link. A trailing `+` is a wildcard
 * of iptables and `*` one of nftables, quotes end a word of iptables-restore, and a leading `-` or `!` reads as an
 * option.
 */
export const isMatchableLinkName = (name: string): boolean =>
  isLinkName(name) && /^[A-Za-z0-9_.@=][A-Za-z0-9_.@=-]*$/.test(name);
