/** Choosing host ports for what a container publishes. */
import { fail } from '../errors.ts';
import type { Container, PortBinding } from './container.ts';
import type { Endpoint } from './endpoint.ts';
import { bare, familyOf, ownAddress } from './leases.ts';
import { wildcardOf } from './port-index.ts';
import type { PortMapping, Protocol } from './sandbox.ts';
import type { Dice, View } from './tables.ts';

export interface PortContext {
  readonly dice: Dice;
  /** Where dynamic ports come from (net.ipv4.ip_local_port_range), both ends included. */
  readonly dynamic: { readonly first: number; readonly last: number };
  /** Address that a port is bound to when none is asked; '' and `0.0.0.0` for all of both families. */
  readonly bindAddress: string;
  /** The same for IPv6 alone; '' and absent: as `bindAddress` says. */
  readonly bindAddress6?: string;
  /** `protocol/port` that the host itself turned out to use: not to be chosen. */
  readonly occupied: ReadonlySet<string>;
}

/** A port that a container asks to have published. */
export interface PortWish {
  readonly protocol: Protocol;
  readonly containerPort: number;
  readonly binding: PortBinding;
}

/** Everything that the container asks to have published: `-p` and, with `-P`, what is exposed. */
export function publishedWishes({ config, hostConfig }: Container): readonly PortWish[] {
  const wishes: PortWish[] = [];
  const asked = hostConfig.PortBindings;
  for (const [key, bindings] of Object.entries(asked))
    for (const binding of bindings.length > 0 ? bindings : [{}]) wishes.push({ ...parsePort(key), binding });
  if (!hostConfig.PublishAllPorts) return wishes;
  for (const key of Object.keys(config.ExposedPorts ?? {}))
    if (!asked[key]) wishes.push({ ...parsePort(key), binding: {} });
  return wishes;
}

/** `80/tcp` or `80`. Throws BAD_REQUEST in Docker's words. */
export function parsePort(key: string): { readonly protocol: Protocol; readonly containerPort: number } {
  const [port = '', protocol = 'tcp'] = key.split('/');
  const containerPort = Number(port);
  if (!/^\d+$/.test(port) || containerPort < 1 || containerPort > 65535)
    throw fail('BAD_REQUEST', `invalid port specification: "${key}"`);
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp')
    throw fail('BAD_REQUEST', `invalid port specification: "${key}": invalid protocol "${protocol}"`);
  return { protocol, containerPort };
}

/**
 * The mappings for one endpoint, all choices made. Throws PORT_ALLOCATED where a port that was asked for
 * is published already, PORTS_EXHAUSTED where no dynamic one is left.
 */
export function choosePorts(
  view: View,
  request: { readonly container: Container; readonly endpoint: Endpoint },
  context: PortContext,
): readonly PortMapping[] {
  const chosen: PortMapping[] = [];
  for (const wish of publishedWishes(request.container)) {
    const targets = targetsOf(wish.binding, request.endpoint, context);
    if (targets.length === 0) continue;
    const hostPort = choosePort(view, { wish, targets, chosen }, context);
    for (const { hostIP, address } of targets)
      chosen.push({
        protocol: wish.protocol,
        hostIP,
        hostPort,
        containerPort: wish.containerPort,
        address,
        endpointId: request.endpoint.id,
      });
  }
  return chosen;
}

interface Target {
  readonly hostIP: string;
  readonly address: string;
}

/** Without an address both families are bound, as far as the endpoint has them. */
function targetsOf(binding: PortBinding, endpoint: Endpoint, context: PortContext): Target[] {
  const hostAddresses = binding.HostIp
    ? [binding.HostIp.replace(/^\[(.*)\]$/, '$1')]
    : standingAddresses(context);
  return hostAddresses.flatMap((hostIP) => {
    const inside = ownAddress(endpoint, familyOf(hostIP));
    return inside ? [{ hostIP, address: bare(inside) }] : [];
  });
}

/** One address for both families keeps the other family out, as Docker has it. */
function standingAddresses({ bindAddress, bindAddress6 = '' }: PortContext): readonly string[] {
  const one = bindAddress === '0.0.0.0' ? '' : bindAddress;
  if (bindAddress6 === '') return one === '' ? ['0.0.0.0', '::'] : [one];
  return [one === '' || familyOf(one) === 6 ? '0.0.0.0' : one, bindAddress6];
}

interface Choice {
  readonly wish: PortWish;
  readonly targets: readonly Target[];
  readonly chosen: readonly PortMapping[];
}

/** One port that is free on all target addresses: the one asked, one of the range asked, or any. */
function choosePort(view: View, choice: Choice, context: PortContext): number {
  const asked = choice.wish.binding.HostPort ?? '';
  if (asked !== '' && asked !== '0') return chooseAsked(view, choice, asked);
  const { first, last } = context.dynamic;
  const size = last - first + 1;
  const start = context.dice.below(size);
  for (let step = 0; step < size; step++) {
    const port = first + ((start + step) % size);
    if (context.occupied.has(`${choice.wish.protocol}/${port}`)) continue;
    if (conflictOf(view, choice, port) === undefined) return port;
  }
  throw fail('PORTS_EXHAUSTED');
}

function chooseAsked(view: View, choice: Choice, asked: string): number {
  const [from = '', to = from] = asked.split('-');
  const first = Number(from);
  const last = Number(to);
  if (!/^\d+(-\d+)?$/.test(asked) || first < 1 || last > 65535 || first > last)
    throw fail('BAD_REQUEST', `invalid port specification: "${asked}"`);
  let conflict = wildcardOf(choice.targets[0]?.hostIP ?? '');
  for (let port = first; port <= last; port++) {
    const found = conflictOf(view, choice, port);
    if (found === undefined) return port;
    conflict = found;
  }
  throw fail('PORT_ALLOCATED', conflict, first);
}

/** The address on which a port is taken, by the model or by this container's own earlier wishes. */
function conflictOf(view: View, { wish, targets, chosen }: Choice, port: number): string | undefined {
  for (const { hostIP } of targets) {
    if (view.ports.conflict(wish.protocol, hostIP, port) !== undefined) return hostIP;
    const own = chosen.some(
      (other) =>
        other.hostPort === port &&
        other.protocol === wish.protocol &&
        (other.hostIP === hostIP || [other.hostIP, hostIP].includes(wildcardOf(hostIP))) &&
        familyOf(other.hostIP) === familyOf(hostIP),
    );
    if (own) return hostIP;
  }
  return undefined;
}
