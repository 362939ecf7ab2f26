/** Causes in the names of the receiver. */
import type { Network } from '../model/network.ts';
import type { View } from '../model/tables.ts';
import { resolverAddress } from '../names/resolv-conf.ts';
import { joinHostPort } from '../net/address.ts';
import type { Cause } from './causes.ts';
import { commonNetworks, type End, placeOf } from './ends.ts';
import { loopbackDown } from './links.ts';
import { isLocalName } from './local-name.ts';

/** Where a name was looked for, without success. */
export interface Unresolved {
  readonly view: View;
  readonly from: End;
  readonly name: string;
  /** Who is called so on record. */
  readonly to?: End;
  /** `the engine's resolver (127.0.0.11)`, or an address. */
  readonly asked: readonly string[];
  /** Servers that have not answered at all, or have answered with a failure; '' for none. */
  readonly silent: string;
  /** Servers of the sender's resolv.conf, where the engine's resolver serves it and is not among them. */
  readonly replaced?: readonly string[];
  /** Loopback is down, where the engine's resolver is asked. */
  readonly loopbackDown?: boolean;
}

export function unresolvedCause(unresolved: Unresolved): Cause {
  const { from, name, asked, silent } = unresolved;
  const known =
    unservedCause(unresolved) ??
    unaskedCause(unresolved) ??
    unansweredCause(unresolved) ??
    elsewhereCause(unresolved);
  if (known) return known;
  const at = placeOf(from);
  if (silent !== '' && !isLocalName(name))
    return {
      ...{ code: 'no-name-server', at },
      sentence: `nobody answers ${from.name} for ${name}: the name server ${silent} is silent or fails`,
      cure: `look whether ${silent} runs and is reached: seaway explain host ${joinHostPort(silent, 53)}/udp`,
    };
  return {
    ...{ code: 'name-not-found', at },
    sentence: `${from.name} finds no address of ${name} (asked: ${asked.join(', ') || 'nobody'})`,
    cure: `look how it is spelt; seaway ps lists the names of containers, --network-alias gives further ones`,
  };
}

/** The default networks serve no names. */
function unservedCause({ from, to, view, name }: Unresolved): Cause | undefined {
  const common = to ? commonNetworks(view, { from, to }) : [];
  const [first] = common;
  if (!first || !common.every(({ network }) => network.predefined)) return undefined;
  return {
    ...{ code: 'name-not-found', at: placeOf(from) },
    sentence: `network ${first.network.name} serves no names, so ${from.name} does not find ${name}`,
    cure: `put both on a network of your own, or use the address ${first.to.addresses[0]?.split('/')[0] ?? ''}`,
  };
}

/** Who has that name, on which networks. */
function holdersOf({ view, name }: Unresolved) {
  const lower = name.toLowerCase();
  return [...view.all('endpoints'), ...view.all('peers')].flatMap(({ dnsNames, networkId, name: holder }) => {
    const network = view.get('networks', networkId);
    return network && dnsNames.some((each) => each.toLowerCase() === lower) ? [{ network, holder }] : [];
  });
}

const isOn = ({ from }: Unresolved, { id }: Network): boolean =>
  from.kind === 'container' && from.endpoints.some(({ networkId }) => networkId === id);

/** The engine's resolver could not be asked. */
function unaskedCause({ from, name, replaced, loopbackDown: isDown }: Unresolved): Cause | undefined {
  if (isDown) return loopbackDown(placeOf(from));
  if (!replaced) return undefined;
  const servers = replaced.length === 0 ? 'no server' : replaced.join(', ');
  return {
    ...{ code: 'no-name-server', at: placeOf(from) },
    sentence: `${from.name} does not ask the engine's resolver for ${name}: /etc/resolv.conf there was changed, and names ${servers} in place of ${resolverAddress}`,
    cure: `seaway restart ${from.name} writes it again`,
  };
}

/** The sender's own network has the name, and its resolver does not answer. */
function unansweredCause(unresolved: Unresolved): Cause | undefined {
  const { from, name, asked } = unresolved;
  const found = holdersOf(unresolved).find(({ network }) => isOn(unresolved, network));
  if (!found) return undefined;
  return {
    ...{ code: 'no-name-server', at: placeOf(from) },
    sentence: `${name} is a name on network ${found.network.name}, but ${from.name} gets no address of it (asked: ${asked.join(', ') || 'nobody'})`,
    cure: 'seaway doctor --fix asks the resolver, and serves it again',
  };
}

/** The name is known on a network that the sender is not on. */
function elsewhereCause(unresolved: Unresolved): Cause | undefined {
  const { from, name } = unresolved;
  const [found] = holdersOf(unresolved);
  if (from.kind !== 'container' || !found) return undefined;
  const { network, holder } = found;
  return {
    ...{ code: 'name-elsewhere', at: placeOf(from) },
    sentence: `${name} is a name on network ${network.name} only (${holder}), which ${from.name} is not on`,
    cure: `seaway network connect ${network.name} ${from.name}`,
  };
}

/** A line of the sender's own file leads to an address that the container of that name does not have. */
export function staleCause(
  { from, to }: { readonly from: End; readonly to: End | undefined },
  {
    name,
    addresses,
    source,
  }: { readonly name: string; readonly addresses: readonly string[]; readonly source: string },
): Cause | undefined {
  if (to?.kind !== 'container' || to.endpoints.length === 0) return undefined;
  const real = to.endpoints.flatMap((each) => each.addresses.map((address) => address.split('/')[0] ?? ''));
  if (addresses.some((address) => real.includes(address))) return undefined;
  return {
    ...{ code: 'stale-address', at: placeOf(from) },
    sentence: `${source} leads ${name} to ${addresses.join(', ')}, but ${to.name} has ${real.join(', ')}`,
    cure: `remove that line: --add-host or the file itself has it`,
  };
}
