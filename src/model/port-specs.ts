/** The ports that a container asks to have published. */
import { fail } from '../errors.ts';
import { hostAddressText, readHostAddress } from '../net/address.ts';
import { type Family, familyOf } from '../net/family.ts';
import { isMatchableLinkName } from '../net/link-name.ts';
import type { Container, HostConfig, PortBinding } from './container.ts';
import type { Protocol } from './sandbox.ts';

/** A port that a container asks to have published. */
export interface PortSpec {
  readonly protocol: Protocol;
  readonly containerPort: number;
  readonly binding: PortBinding;
}

/** Requested ports of the container: those of `-p` and, with `-P`, the exposed ones. */
export function publishedSpecs({ config, hostConfig }: Container): readonly PortSpec[] {
  const asked = hostConfig.PortBindings;
  const specs = specsOf(asked);
  if (!hostConfig.PublishAllPorts) return specs;
  const exposed = Object.keys(config.ExposedPorts ?? {}).filter((key) => !asked[key]);
  return [...specs, ...exposed.map((key) => ({ ...parsePort(key), binding: {} }))];
}

const known = new WeakMap<HostConfig['PortBindings'], readonly PortSpec[]>();

/** A container port without a binding is published on any port of the host. The same bindings give the same specs. */
export function specsOf(asked: HostConfig['PortBindings']): readonly PortSpec[] {
  const specs = known.get(asked) ?? readSpecs(asked);
  known.set(asked, specs);
  return specs;
}

function readSpecs(asked: HostConfig['PortBindings']): readonly PortSpec[] {
  const specs: PortSpec[] = [];
  for (const [key, bindings] of Object.entries(asked))
    for (const binding of bindings.length > 0 ? bindings : [{}]) specs.push({ ...parsePort(key), binding });
  return specs;
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

/** The one port of the host that is asked for; undefined where any, or any of a range, would do. */
export function fixedPort({ binding: { HostPort = '' } }: PortSpec): number | undefined {
  const [first = '', last = first] = HostPort.split('-');
  return first === last && Number(first) > 0 ? Number(first) : undefined;
}

/** The request in words: `[::1]:8080:80/tcp`. */
export const wordsOf = ({ binding, containerPort, protocol }: PortSpec): string =>
  `[${hostText(binding)}]:${binding.HostPort ?? ''}:${containerPort}/${protocol}`;

/** The link that is asked for instead of an address; '' for none. */
export function linkOf(binding: PortBinding): string {
  const host = hostText(binding);
  return host !== '' && !readHostAddress(host) && isLinkHost(host) ? host : '';
}

/** Links without a letter in their name would be taken for addresses that are written wrongly. */
export const isLinkHost = (text: string): boolean => /[a-z]/i.test(text) && isMatchableLinkName(text);

/** The address of the host that is asked for, or a link of it, in the kernel's form; '' for none. */
export const hostText = ({ HostIp = '' }: PortBinding): string =>
  hostAddressText(HostIp.replace(/^\[(.*)\]$/, '$1'));

/** Whether the binding may be served by addresses of that family. */
export const isOfFamily = (binding: PortBinding, family: Family): boolean => {
  const host = hostText(binding);
  return host === '' || linkOf(binding) !== '' || familyOf(host) === family;
};
