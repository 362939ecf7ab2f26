/** Addresses of a node of a swarm, as users name them: an IP address or an interface, with a port or not. Errors are Docker's. Pure. */
import { fail } from '../../errors.ts';
import { bare, formatAddress, joinHostPort, readHostAddress } from '../../net/address.ts';
import { familyOf } from '../../net/family.ts';

export interface HostAddresses {
  readonly links: readonly { readonly index: number; readonly name: string }[];
  /** With prefix length. */
  readonly addresses: readonly { readonly link: number; readonly address: string; readonly scope: string }[];
  /** Of an address of one of the engine's own networks. */
  readonly isOwn: (address: string) => boolean;
}

export interface AskedAddresses {
  readonly listen: string;
  readonly advertise: string;
  readonly dataPath: string;
}

export interface NodeAddresses {
  /** `IP:port` of the manager API. */
  readonly listen: string;
  readonly advertise: string;
  /** IP; '' where it is the advertised one. */
  readonly dataPath: string;
}

export const managerPort = 2377;
const [anyV4, anyV6] = ['0.0.0.0', '::'];

const bad = {
  listen: 'listen address must be an IP address or network interface (with optional port number)',
  advertise:
    'advertise address must be a non-zero IP address or network interface (with optional port number)',
  dataPath: 'data path address must be a non-zero IP address or network interface (without a port number)',
  unrecognized:
    "must specify a listening address because the address to advertise is not recognized as a system address, and a system's IP address to use could not be uniquely identified",
} as const;

const wrong = (why: string): Error => fail('SWARM_ADDRESS', why);
const isAny = (address: string): boolean => address === anyV4 || address === anyV6;

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** `why`: the error's text. `HOST`, `HOST:PORT`, `[V6]:PORT` or a bare IPv6 address. */
export function readPlace(text: string, why: string): Place {
  const whole = readHostAddress(text);
  if (whole) return { host: formatAddress(whole), port: managerPort };
  const [, bracketed, plain, port = `${managerPort}`] =
    /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) throw wrong(why);
  return { host, port: Number(port) };
}

/** An address, or the one of an interface. */
function addressOf(host: string, machine: HostAddresses, why: string): string {
  const address = readHostAddress(host);
  if (address) return formatAddress(address);
  const link = machine.links.find(({ name }) => name === host);
  if (!link) throw wrong(why);
  const all = globalOf(machine).filter((one) => one.link === link.index);
  for (const family of [4, 6] as const) {
    const [first, second] = all.filter((one) => familyOf(one.address) === family);
    if (first && second)
      throw wrong(
        `interface ${host} has more than one IPv${family} address (${first.address} and ${second.address})`,
      );
    if (first) return first.address;
  }
  throw wrong(`interface ${host} has no usable IPv4 or IPv6 addresses`);
}

function globalOf(machine: HostAddresses): readonly { readonly link: number; readonly address: string }[] {
  return machine.addresses.flatMap(({ link, address, scope }) =>
    scope === 'global' ? [{ link, address: bare(address) }] : [],
  );
}

/** The machine's only address that is not of one of the engine's networks. */
function systemAddress(machine: HostAddresses): string {
  const all = globalOf(machine).filter(({ address }) => !machine.isOwn(address));
  const nameOf = (index: number): string => machine.links.find((link) => link.index === index)?.name ?? '';
  for (const family of [4, 6] as const) {
    const [first, second] = all.filter(({ address }) => familyOf(address) === family);
    if (first && second) {
      const [a, b] = [nameOf(first.link), nameOf(second.link)];
      const where =
        a === b
          ? `interface ${a} (${first.address} and ${second.address})`
          : `different interfaces (${first.address} on ${a} and ${second.address} on ${b})`;
      throw wrong(
        `could not choose an IP address to advertise since this system has multiple addresses on ${where}`,
      );
    }
    if (first) return first.address;
  }
  throw wrong("could not find the system's IP address");
}

/** Throws SWARM_ADDRESS. */
export function chooseAddresses(asked: AskedAddresses, machine: HostAddresses): NodeAddresses {
  const listen = readPlace(asked.listen || anyV4, bad.listen);
  const listenAddress = addressOf(listen.host, machine, bad.listen);
  const advertise = advertised(asked.advertise, { listenAddress, port: listen.port, machine });
  return {
    listen: joinHostPort(listenAddress, listen.port),
    advertise: joinHostPort(advertise.host, advertise.port),
    dataPath: asked.dataPath === '' ? '' : dataPathOf(asked.dataPath, machine),
  };
}

interface Listening {
  readonly listenAddress: string;
  readonly port: number;
  readonly machine: HostAddresses;
}

function advertised(asked: string, { listenAddress, port, machine }: Listening): Place {
  if (asked === '') return { host: isAny(listenAddress) ? systemAddress(machine) : listenAddress, port };
  const place = readPlace(asked, bad.advertise);
  const host = addressOf(place.host, machine, bad.advertise);
  if (isAny(host)) throw wrong(bad.advertise);
  const isHere = machine.addresses.some(({ address }) => bare(address) === host);
  if (!isHere && isAny(listenAddress)) checkUnique(machine);
  return { host, port: place.port };
}

/** Behind NAT: the machine's own address must be certain. */
function checkUnique(machine: HostAddresses): void {
  try {
    systemAddress(machine);
  } catch {
    throw wrong(bad.unrecognized);
  }
}

function dataPathOf(asked: string, machine: HostAddresses): string {
  const address = addressOf(asked, machine, bad.dataPath);
  if (isAny(address)) throw wrong(bad.dataPath);
  return address;
}

/** The host of `IP:port`. */
export const hostOf = (place: string): string => readPlace(place, bad.advertise).host;
