/** Addresses are added and removed. */
import type { Address } from '../../kernel/kernel.ts';
import { indexOf, type Place } from '../place.ts';
import type { Applier } from './applier.ts';

interface Wanted {
  readonly ns: string;
  readonly link: string;
  readonly address: string;
}

const isLinkLocal = (address: string): boolean => /^(fe[89ab][0-9a-f]:|169\.254\.)/.test(address);

/** No two endpoints have one address, so that nobody needs to wait for its neighbours' objections (RFC 4862). */
function spec({ ns, link, address }: Wanted, place: Place): Address {
  const index = indexOf(place, { ns, link, doing: `add address ${address}` });
  return { link: index, address, scope: isLinkLocal(address) ? 'link' : 'global', nodad: true };
}

/** Links come before addresses (ranks), so that the link is up and on its bridge when it announces one. */
function make(object: Wanted, place: Place): void {
  place.namespace(object.ns).route.addAddress(spec(object, place));
  if (object.ns !== 'host') place.announce(object);
}

export const address: Applier<'address'> = {
  make,
  change: () => undefined,
  remove: (observed, place) => place.namespace(observed.ns).route.removeAddress(spec(observed, place)),
};
