/** `IP:port` of a manager. */

/** Its IP address, without brackets. */
export const hostOfPlace = (place: string): string =>
  place.slice(0, place.lastIndexOf(':')).replace(/^\[|\]$/g, '');
