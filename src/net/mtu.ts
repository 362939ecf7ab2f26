/** MTUs of links. */

/** Linux disables IPv6 on links with a smaller MTU (RFC 8200 section 5). */
export const leastMtuOfIPv6 = 1280;

/** The MTU of links that follow the uplink: its MTU, but at least 1280 where they need IPv6. */
export const mtuFollowing = (uplinkMtu: number, ipv6: boolean): number =>
  ipv6 ? Math.max(uplinkMtu, leastMtuOfIPv6) : uplinkMtu;
