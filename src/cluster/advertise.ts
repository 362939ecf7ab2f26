/** Resolves `--cluster-advertise` to this host's addresses for the other hosts. Errors are Docker's. Pure. */
import { fail } from '../errors.ts';
import type { Node } from '../model/node.ts';
import { bare, formatAddress, joinHostPort, readHostAddress } from '../net/address.ts';
import { familyOf } from '../net/family.ts';

export interface HostLinks {
  readonly links: readonly { readonly index: number; readonly name: string; readonly mtu: number }[];
  /** With prefix length. */
  readonly addresses: readonly { readonly link: number; readonly address: string; readonly scope: string }[];
}

/** `advertise`: ADDRESS:PORT or LINK:PORT. Tunnels use the addresses of that link. Throws CONFIG_INVALID. */
export function readAdvertise(
  advertise: string,
  host: HostLinks,
): Pick<Node, 'advertise' | 'data4' | 'data6' | 'mtu'> {
  const invalid = (why: string): Error => fail('CONFIG_INVALID', why);
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(advertise) ?? [];
  const where = bracketed ?? plain;
  if (where === undefined || port === undefined || Number(port) > 65_535)
    throw invalid(`invalid --cluster-advertise configuration: ${advertise}: address and port are needed`);
  const asked = readHostAddress(where);
  const address = asked ? formatAddress(asked) : addressOfLink(where, advertise, host);
  const link = host.addresses.find((one) => bare(one.address) === address)?.link;
  const { mtu } = host.links.find(({ index }) => index === link) ?? {};
  if (mtu === undefined || link === undefined)
    throw invalid(
      'Multi-Host overlay networking requires cluster-advertise(IP) to be configured with a local ip-address that is reachable within the cluster',
    );
  const other = globalAddresses(host, link).find((one) => familyOf(one) !== familyOf(address));
  const all = [address, ...(other === undefined ? [] : [other])];
  const [data4, data6] = [4, 6].map((family) => all.find((one) => familyOf(one) === family));
  return {
    advertise: joinHostPort(address, port),
    ...(data4 !== undefined && { data4 }),
    ...(data6 !== undefined && { data6 }),
    mtu,
  };
}

const globalAddresses = ({ addresses }: HostLinks, link: number): readonly string[] =>
  addresses.flatMap((one) => (one.link === link && one.scope === 'global' ? [bare(one.address)] : []));

/** The link's first IPv4 address, as in Docker, else its first IPv6 address. */
function addressOfLink(name: string, advertise: string, host: HostLinks): string {
  const link = host.links.find((one) => one.name === name);
  if (!link)
    throw fail(
      'CONFIG_INVALID',
      `invalid cluster advertise IP address or interface name (${advertise}) : route ip+net: no such network interface`,
    );
  const all = globalAddresses(host, link.index);
  const found = all.find((one) => familyOf(one) === 4) ?? all[0];
  if (found === undefined)
    throw fail('CONFIG_INVALID', `could not find a valid ip-address in interface ${name}`);
  return found;
}
