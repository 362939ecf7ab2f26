/** Addresses are added and removed. */

import type { Address, Link } from '../../kernel/kernel.ts';
import { isLinkLocal } from '../../net/address.ts';
import { linkTypeOf } from '../../objects/link-types.ts';
import { type NamespaceRef, parseNamespace } from '../../objects/namespace-ref.ts';
import type { ObservedAddress } from '../../objects/observed.ts';
import { type Handles, indexOf } from '../handles.ts';
import type { ActiveKind } from './kind.ts';

interface Wanted {
  readonly ns: string;
  readonly link: string;
  readonly address: string;
}

/** Without duplicate address detection (RFC 4862): the model gives each address once. */
function spec({ ns, link, address }: Wanted, handles: Handles): Address {
  const index = indexOf(handles, { ns, link, doing: `add address ${address}` });
  return { link: index, address, scope: isLinkLocal(address) ? 'link' : 'global', nodad: true };
}

/** By its rank an address comes after its link, which is up and on its bridge when the address is announced. */
function make(object: Wanted, handles: Handles): void {
  handles.namespace(object.ns).route.addAddress(spec(object, handles));
  if (parseNamespace(object.ns).of === 'sandbox') handles.announce(object);
}

const describe = ({ address: text, scope }: Address, link: Link, ns: NamespaceRef): ObservedAddress => ({
  kind: 'address',
  ns,
  link: link.name,
  address: text,
  scope,
  linkType: link.type,
  alias: link.alias,
});

export const address: ActiveKind<'address'> = {
  /** On the host only addresses of link types with `hostSide.addresses`. */
  observe: ({ outside, inside }) => [
    ...outside
      .filter(({ wanted }) => linkTypeOf(wanted.type).hostSide?.addresses)
      .flatMap(({ wanted, link, namespace }) =>
        namespace.route.listAddresses(link.index).map((one) => describe(one, link, wanted.ns)),
      ),
    ...inside.flatMap(({ ns, namespace, byIndex }) =>
      namespace.route.listAddresses().flatMap((one) => {
        const link = byIndex.get(one.link);
        return link ? [describe(one, link, ns)] : [];
      }),
    ),
  ],
  make,
  change: () => undefined,
  remove: (observed, handles) => handles.namespace(observed.ns).route.removeAddress(spec(observed, handles)),
};
