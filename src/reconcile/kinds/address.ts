/** Addresses are added and removed; what the kernel makes with an address is put back where it is missing. */

import type { Address, Link, Route } from '../../kernel/kernel.ts';
import { type Cidr, formatCidr, isLinkLocal, network, parseCidr } from '../../net/address.ts';
import { linkLocalOf } from '../../net/mac.ts';
import { leastMtuOfIPv6 } from '../../net/mtu.ts';
import { linkTypeOf } from '../../objects/link-types.ts';
import { type NamespaceRef, parseNamespace } from '../../objects/namespace-ref.ts';
import type { ObservedAddress } from '../../objects/observed.ts';
import { type Handles, indexOf } from '../handles.ts';
import type { ActiveKind, Change, Inside, ScopeView, WantedLink } from './kind.ts';

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

function change({ object, observed }: Change<'address'>, handles: Handles): void {
  const { route } = handles.namespace(object.ns);
  const link = route.findLink(object.link);
  if (!link) return;
  for (const missing of observed.lacks ?? []) {
    if (missing === 'subnet route') route.replaceRoute(subnetRoute(object.address, link.index));
    else route.addAddress({ link: link.index, address: linkLocalOf(link.mac), scope: 'link', nodad: true });
  }
}

/** As the kernel makes it with the address (`fib_add_ifaddr`, `addrconf_prefix_route`). */
function subnetRoute(address: string, link: number): Route {
  const own = parseCidr(address);
  const destination = formatCidr(network(own));
  const common = { destination, link, protocol: byKernel } as const;
  const source = address.slice(0, address.indexOf('/'));
  return own.version === 4 ? { ...common, scope: 'link', source } : { ...common, metric: 256 };
}

/** RTPROT_KERNEL */
const byKernel = 2;

const describe = ({ address: text, scope }: Address, link: Link, ns: NamespaceRef): ObservedAddress => ({
  kind: 'address',
  ns,
  link: link.name,
  address: text,
  scope,
  linkType: link.type,
  alias: link.alias,
});

/** Addresses of a bridge, and which of the wanted ones lack what the kernel makes with an address. */
function onHost({ wanted, link, namespace }: WantedLink, desired: ScopeView['desired']): ObservedAddress[] {
  const { route } = namespace;
  const found = route.listAddresses(link.index);
  const all = found.map((one) => describe(one, link, wanted.ns));
  const own = new Set(
    desired.flatMap((object) =>
      object.kind === 'address' && object.ns === wanted.ns && object.link === link.name
        ? [object.address]
        : [],
    ),
  );
  if (link.type !== 'bridge' || !link.up || !found.some(({ address }) => own.has(address))) return all;
  const destinations = new Set(route.listRoutes({ link: link.index }).map(({ destination }) => destination));
  const isMute = lacksLinkLocal(link, found);
  return all.map((one) => {
    if (!own.has(one.address)) return one;
    const lacks = [
      ...(isRouted(one.address, destinations) ? [] : (['subnet route'] as const)),
      ...(isMute && parseCidr(one.address).version === 6 ? (['link-local address'] as const) : []),
    ];
    return lacks.length > 0 ? { ...one, lacks } : one;
  });
}

function isRouted(address: string, destinations: ReadonlySet<string>): boolean {
  const own = parseCidr(address);
  return !hasSubnetRoute(own) || destinations.has(formatCidr(network(own)));
}

/** The kernel makes none for a single address, nor for 0.0.0.0/8 and multicast (`fib_add_ifaddr`, `fib_valid_prefsrc`). */
function hasSubnetRoute({ version, value, prefix }: Cidr): boolean {
  if (version === 6) return prefix < 128;
  const first = Number(value >> 24n);
  return prefix < 32 && first !== 0 && (first < 224 || first > 239);
}

/**
 * The host asks for neighbours of packets that it forwards by its link-local address, and without one not at all
 * (`ndisc_solicit`). The kernel gives it when the carrier comes, and not again.
 */
const lacksLinkLocal = ({ running, mtu }: Link, addresses: readonly Address[]): boolean =>
  running === true &&
  mtu >= leastMtuOfIPv6 &&
  !addresses.some(({ address, scope }) => scope === 'link' && address.includes(':'));

const inNamespace = ({ ns, namespace, byIndex }: Inside): ObservedAddress[] =>
  namespace.route.listAddresses().flatMap((one) => {
    const link = byIndex.get(one.link);
    return link ? [describe(one, link, ns)] : [];
  });

export const address: ActiveKind<'address'> = {
  /** On the host only addresses of link types with `hostSide.addresses`. */
  observe: ({ outside, inside, desired }) => [
    ...outside
      .filter(({ wanted }) => linkTypeOf(wanted.type).hostSide?.addresses)
      .flatMap((one) => onHost(one, desired)),
    ...inside.flatMap(inNamespace),
  ],
  make,
  change,
  remove: (observed, handles) => handles.namespace(observed.ns).route.removeAddress(spec(observed, handles)),
};
