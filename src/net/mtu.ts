/** MTUs of links. */

/** Links with a smaller MTU have no IPv6 (RFC 8200 section 5). */
export const leastMtuOfIPv6 = 1280;

/** The MTU of links that follow the uplink, which with IPv6 they do not below 1280. */
export const mtuFollowing = (uplinkMtu: number, ipv6: boolean): number =>
  ipv6 ? Math.max(uplinkMtu, leastMtuOfIPv6) : uplinkMtu;
