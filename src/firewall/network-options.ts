/** Options of a bridge network that concern the firewall (Docker's `com.docker.network.*`). */
import { fail } from '../errors.ts';
import { readAddress } from '../ipam/address.ts';
import type { Family } from '../model/network.ts';
import type { GatewayMode } from './input.ts';
import { isLinkName } from './iptables-text.ts';

export interface FirewallOptions {
  readonly icc: boolean;
  readonly masquerade: boolean;
  readonly mode: Readonly<Record<Family, GatewayMode>>;
  /** Address of the host that leaving packets get, by family; '' for that of the outgoing link. */
  readonly source: Readonly<Record<Family, string>>;
  readonly trusted: readonly string[];
}

const prefix = 'com.docker.network.bridge.';

const modes: readonly GatewayMode[] = ['nat', 'nat-unprotected', 'routed', 'isolated'];

/** Reads them, with Docker's defaults. Throws NETWORK_OPTION_INVALID. */
export function readFirewallOptions(
  options: Readonly<Record<string, string>>,
  internal: boolean,
): FirewallOptions {
  return {
    icc: readBoolean(options, `${prefix}enable_icc`),
    masquerade: readBoolean(options, `${prefix}enable_ip_masquerade`),
    mode: { 4: readMode(options, 4, internal), 6: readMode(options, 6, internal) },
    source: { 4: readSource(options, 4), 6: readSource(options, 6) },
    trusted: readTrusted(options),
  };
}

/** As Go's strconv.ParseBool; true where nothing is asked. */
function readBoolean(options: Readonly<Record<string, string>>, key: string): boolean {
  const text = options[key];
  if (text === undefined || ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  throw fail('NETWORK_OPTION_INVALID', `invalid value for ${key}: "${text}" is not a boolean`);
}

function readMode(options: Readonly<Record<string, string>>, family: Family, internal: boolean): GatewayMode {
  const key = `${prefix}gateway_mode_ipv${family}`;
  const text = options[key] ?? '';
  if (text === '') return 'nat';
  const mode = modes.find((known) => known === text);
  if (!mode) throw fail('NETWORK_OPTION_INVALID', `unknown gateway mode ${text}`);
  if (mode === 'isolated' && !internal)
    throw fail('NETWORK_OPTION_INVALID', 'gateway mode "isolated" can only be used for an internal network');
  return mode;
}

function readSource(options: Readonly<Record<string, string>>, family: Family): string {
  const key = `com.docker.network.host_ipv${family}`;
  const text = options[key] ?? '';
  if (text !== '' && readAddress(text)?.version !== family)
    throw fail(
      'NETWORK_OPTION_INVALID',
      `invalid value for ${key}: "${text}" is not an IPv${family} address`,
    );
  return text;
}

function readTrusted(options: Readonly<Record<string, string>>): string[] {
  const key = `${prefix}trusted_host_interfaces`;
  const names = (options[key] ?? '').split(':').filter((name) => name !== '');
  for (const name of names)
    if (!isLinkName(name))
      throw fail('NETWORK_OPTION_INVALID', `invalid value for ${key}: "${name}" is not an interface name`);
  return names;
}
