/** Causes in who listens at the receiver. */
import { joinHostPort } from '../net/address.ts';
import { familyOf } from '../net/family.ts';
import type { Cause } from './causes.ts';
import { placeOf } from './ends.ts';
import type { Evidence, Listener } from './evidence.ts';

const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::';
const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

/** The port at which the receiver itself is asked, and its address. */
export function asked({ target, mapping, address }: Evidence): {
  readonly port: number;
  readonly address: string;
} {
  if (!mapping) return { port: target.port ?? 0, address };
  return { port: mapping.containerPort, address: mapping.address };
}

const hears = ({ address }: Listener, at: string): boolean =>
  address === at || (isAny(address) && (familyOf(address) === familyOf(at) || address === '::'));

/** Why nobody takes what has arrived; undefined where somebody listens. */
export function listenerCause(evidence: Evidence): Cause | undefined {
  const { listeners, to, target, family, result } = evidence;
  if (!listeners || target.protocol === 'icmp') return undefined;
  const { port, address } = asked(evidence);
  const at = placeOf(to);
  const known = { at, name: to.name, port, address, protocol: target.protocol };
  const ours = listeners.filter((each) => each.port === port && each.protocol === target.protocol);
  const heard = ours.filter((each) => hears(each, address));
  if (heard.length > 0) {
    // a socket of :: that takes no IPv4 (IPV6_V6ONLY) looks like any other
    const isSix = family === 4 && result === 'refused' && heard.every((each) => each.address === '::');
    return isSix ? wrongFamily(known, ['::']) : undefined;
  }
  const others = ours.filter((each) => !isLoopback(each.address));
  if (ours.length > 0 && others.length === 0) return loopback(known, ours);
  if (others.length > 0 && others.every((each) => familyOf(each.address) !== family))
    return wrongFamily(
      known,
      others.map((each) => each.address),
    );
  if (others.length > 0) return elsewhere(known, others);
  return nobody(known, listeners);
}

interface Known {
  readonly at: string;
  readonly name: string;
  readonly port: number;
  readonly address: string;
  readonly protocol: 'tcp' | 'udp';
}

const loopback = ({ at, name, port }: Known, ours: readonly Listener[]): Cause => ({
  ...{ code: 'listens-on-loopback', at },
  sentence: `${name} listens on port ${port} of ${ours[0]?.address ?? '127.0.0.1'} only, where nobody else reaches it`,
  cure: `let the program in ${name} listen on 0.0.0.0 or ::`,
});

const wrongFamily = ({ at, name, port, address }: Known, addresses: readonly string[]): Cause => ({
  ...{ code: 'wrong-family', at },
  sentence: `${name} listens on port ${port} for IPv${familyOf(address) === 4 ? 6 : 4} only (${addresses.join(', ')}), and was asked at ${address}`,
  cure: `let the program in ${name} listen on ${familyOf(address) === 4 ? '0.0.0.0' : '::'} too`,
});

const elsewhere = ({ at, name, port, address }: Known, others: readonly Listener[]): Cause => ({
  ...{ code: 'listens-elsewhere', at },
  sentence: `${name} listens on ${others.map((each) => joinHostPort(each.address, port)).join(', ')} only, and was asked at ${address}`,
  cure: `let the program in ${name} listen on ${familyOf(address) === 4 ? '0.0.0.0' : '::'}`,
});

/** At most so many ports are named. */
const most = 8;

function nobody({ at, name, port, protocol }: Known, listeners: readonly Listener[]): Cause {
  const other = listeners.find((each) => each.port === port && each.protocol !== protocol);
  if (other)
    return {
      ...{ code: 'wrong-protocol', at },
      sentence: `${name} listens on port ${port} for ${other.protocol}, not for ${protocol}`,
      cure: `ask for ${port}/${other.protocol}`,
    };
  const reachable = listeners.filter((each) => each.protocol === protocol && !isLoopback(each.address));
  const ports = [...new Set(reachable.map((each) => each.port))].sort((a, b) => a - b);
  const what =
    ports.length > 0 ? `it listens on ${ports.slice(0, most).join(', ')}` : 'it listens on no port';
  return {
    ...{ code: 'nobody-listens', at },
    sentence: `nobody listens on port ${port}/${protocol} ${name === 'this host' ? 'on' : 'in'} ${name} (${what})`,
    cure:
      name === 'this host'
        ? 'ss -ltnup shows who listens here; start the program, or publish the port of a container'
        : `look why its program does not: seaway logs ${name}`,
  };
}

/** The program does not accept what the kernel has taken for it. */
export function backlogCause(evidence: Evidence): Cause | undefined {
  const { listeners = [], to, target, result } = evidence;
  const { port, address } = asked(evidence);
  if (target.protocol !== 'tcp' || result !== 'silent') return undefined;
  const full = listeners.find(
    (each) => each.protocol === 'tcp' && each.port === port && hears(each, address),
  );
  if (!full || full.waiting === 0) return undefined;
  return {
    ...{
      code: 'backlog-full',
      at: placeOf(to),
      cure: `look what the program in ${to.name} waits for: seaway top ${to.name}`,
    },
    sentence: `${to.name} listens on port ${port} and does not accept: ${full.waiting} connections wait, its backlog is full`,
  };
}
