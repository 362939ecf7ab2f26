/** `--network` in both forms, and the older flags for the first network, to the API's endpoints. */
import { isReservedName } from '../../model/predefined-names.ts';
import { CliError } from '../failure.ts';
import { csvPairs } from './csv.ts';

/** Settings for one network. */
export interface NetworkAttachment {
  readonly target: string;
  readonly aliases: readonly string[];
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly links: readonly string[];
  readonly ip: string;
  readonly ip6: string;
  readonly linkLocal: readonly string[];
  readonly mac: string;
  readonly gwPriority: number;
}

export const blankAttachment: Omit<NetworkAttachment, 'target'> = {
  aliases: [],
  driverOptions: {},
  links: [],
  ip: '',
  ip6: '',
  linkLocal: [],
  mac: '',
  gwPriority: 0,
};

/** One `--network`: a name, or `name=...,alias=...`. Throws an `Error` in docker's words. */
export function parseNetwork(text: string): NetworkAttachment {
  // `container:a=b` and names with `=` but without fields are names.
  if (
    !/(^|,)\s*name\s*=/i.test(text) &&
    !/^(alias|ip|ip6|mac-address|link-local-ip|driver-opt|gw-priority)=/i.test(text)
  ) {
    return { ...blankAttachment, target: text };
  }
  let attachment: NetworkAttachment = { ...blankAttachment, target: '' };
  for (const [key, value = '', field] of csvPairs(text)) {
    if (!field.includes('=')) throw new Error(`invalid field ${field}`);
    attachment = { ...attachment, ...fieldOf(attachment, key, value.trim(), field) };
  }
  if (attachment.target === '') throw new Error('network name/id is not specified');
  return attachment;
}

function fieldOf(
  attachment: NetworkAttachment,
  key: string,
  value: string,
  field: string,
): Partial<NetworkAttachment> {
  switch (key) {
    case 'name':
      return { target: value };
    case 'alias':
      return { aliases: [...attachment.aliases, value] };
    case 'ip':
      return { ip: value };
    case 'ip6':
      return { ip6: value };
    case 'mac-address':
      return { mac: value };
    case 'link-local-ip':
      return { linkLocal: [...attachment.linkLocal, value] };
    case 'driver-opt': {
      const at = value.indexOf('=');
      if (at <= 0) throw new Error('invalid key value pair format in driver options');
      return { driverOptions: { ...attachment.driverOptions, [value.slice(0, at)]: value.slice(at + 1) } };
    }
    case 'gw-priority':
      if (!/^[+-]?\d+$/.test(value))
        throw new Error(`invalid gw-priority (${value}): value must be an integer`);
      return { gwPriority: Number(value) };
    default:
      throw new Error(`invalid field key ${field.split('=')[0]}`);
  }
}

/** The endpoint of the API, including empty fields, as docker sends it. */
export interface EndpointSettings {
  readonly IPAMConfig: {
    readonly IPv4Address?: string;
    readonly IPv6Address?: string;
    readonly LinkLocalIPs?: readonly string[];
  } | null;
  readonly Links: readonly string[] | null;
  readonly Aliases: readonly string[] | null;
  readonly DriverOpts: Readonly<Record<string, string>> | null;
  readonly MacAddress: string;
  readonly GwPriority: number;
}

const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list);

export function endpointOf(attachment: NetworkAttachment): EndpointSettings {
  const asksAddress = attachment.ip !== '' || attachment.ip6 !== '' || attachment.linkLocal.length > 0;
  return {
    IPAMConfig: asksAddress
      ? {
          IPv4Address: attachment.ip === '' ? undefined : attachment.ip,
          IPv6Address: attachment.ip6 === '' ? undefined : attachment.ip6,
          LinkLocalIPs: attachment.linkLocal.length === 0 ? undefined : attachment.linkLocal,
        }
      : null,
    Links: orNull(attachment.links),
    Aliases: orNull(attachment.aliases),
    DriverOpts: Object.keys(attachment.driverOptions).length === 0 ? null : attachment.driverOptions,
    MacAddress: attachment.mac,
    GwPriority: attachment.gwPriority,
  };
}

/** True for names of networks; false for the modes `default`, `bridge`, `host`, `none`, `container:...`. */
export const isUserDefined = (name: string): boolean =>
  name !== '' && !isReservedName(name) && !name.startsWith('container:');

const saysNothing = (attachment: NetworkAttachment): boolean => {
  const { target: _target, ...rest } = attachment;
  return JSON.stringify(rest) === JSON.stringify(blankAttachment);
};

export interface Networking {
  /** `HostConfig.NetworkMode`. */
  readonly mode: string;
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
}

/**
 * All networks of a container; `older` are the flags that speak of the first one (`--ip`, `--network-alias`).
 * Throws `CliError` for contradictions.
 */
export function networkingOf(
  attachments: readonly NetworkAttachment[],
  older: Omit<NetworkAttachment, 'target' | 'driverOptions' | 'gwPriority'>,
): Networking {
  const named = attachments.map((attachment) => ({
    ...attachment,
    target: attachment.target === 'none' || attachment.target !== '' ? attachment.target : 'default',
  }));
  const [first = { ...blankAttachment, target: 'default' }, ...others] = named;
  const all = [merged(first, older), ...others];
  const modes = all.filter(({ target }) => !isUserDefined(target));
  if (modes.length > 0 && modes.length < all.length) {
    throw new CliError(
      'conflicting options: cannot attach both user-defined and non-user-defined network-modes',
    );
  }
  const endpoints: Record<string, EndpointSettings> = {};
  for (const attachment of all) {
    if (Object.hasOwn(endpoints, attachment.target))
      throw new CliError(`network ${JSON.stringify(attachment.target)} is specified multiple times`);
    checkAttachment(attachment);
    // A single network about which nothing is said is the network mode alone.
    if (attachments.length === 1 && saysNothing(attachment)) continue;
    endpoints[attachment.target] = endpointOf(attachment);
  }
  return { mode: all[0]?.target ?? 'default', endpoints };
}

function merged(
  first: NetworkAttachment,
  older: Omit<NetworkAttachment, 'target' | 'driverOptions' | 'gwPriority'>,
): NetworkAttachment {
  const clash = (flag: string): CliError =>
    new CliError(
      `conflicting options: cannot specify both --${flag} and per-network ${flag === 'ip' ? 'IPv4 address' : flag === 'ip6' ? 'IPv6 address' : flag === 'network-alias' ? 'alias' : flag === 'mac-address' ? 'MAC address' : 'link-local IP addresses'}`,
    );
  if (older.aliases.length > 0 && first.aliases.length > 0) throw clash('network-alias');
  if (older.ip !== '' && first.ip !== '') throw clash('ip');
  if (older.ip6 !== '' && first.ip6 !== '') throw clash('ip6');
  if (older.mac !== '' && first.mac !== '') throw clash('mac-address');
  if (older.linkLocal.length > 0 && first.linkLocal.length > 0) throw clash('link-local-ip');
  return {
    ...first,
    aliases: [...first.aliases, ...older.aliases],
    // Links are an endpoint's on a network of one's own; on the default bridge the host configuration has them.
    links: isUserDefined(first.target) ? older.links : [],
    ip: first.ip || older.ip,
    ip6: first.ip6 || older.ip6,
    mac: first.mac || older.mac,
    linkLocal: [...first.linkLocal, ...older.linkLocal],
  };
}

function checkAttachment(attachment: NetworkAttachment): void {
  if (isUserDefined(attachment.target)) return;
  if (attachment.aliases.length > 0)
    throw new CliError('network-scoped aliases are only supported for user-defined networks');
  if (attachment.links.length > 0) throw new CliError('links are only supported for user-defined networks');
}
