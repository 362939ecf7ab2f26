/** `com.docker.network.bridge.*`: the options of a bridge network, parsed. */
import { fail } from '../../errors.ts';
import type { Forwarding, GatewayMode } from '../../model/forwarding.ts';
import { type Options, readBoolean, readIp, readIpOf, readParsedWord } from '../../model/option-values.ts';
import { policyOption, readPolicy } from '../../model/publish-policy.ts';
import { type ByFamily, type Family, familyOf } from '../../net/family.ts';
import { isMatchableLinkName } from '../../net/link-name.ts';
import { readMtu, readPrefix } from '../options.ts';

export interface BridgeOptions extends Forwarding {
  /** Name of the bridge as asked, or ''. */
  readonly name: string;
  readonly defaultBridge: boolean;
  /** The bridge gets no IPv4 address. */
  readonly inhibitIpv4: boolean;
  /** Prefix of interface names inside a sandbox: `eth` gives `eth0`. */
  readonly prefix: string;
}

/** Whether the bridge has an address: not with `inhibit_ipv4`, nor in mode `isolated`. */
export const isHostOn = (options: BridgeOptions, family: Family): boolean =>
  options.mode[family] !== 'isolated' && !(family === 4 && options.inhibitIpv4);

const key = (name: string): string => `com.docker.network.bridge.${name}`;

export const bridgeNameOption = key('name');

function readName(options: Options): string {
  const name = options[bridgeNameOption] ?? '';
  if (name && !isMatchableLinkName(name))
    throw fail(
      'NETWORK_OPTION_INVALID',
      `invalid bridge name ${JSON.stringify(name)}: not a link name that firewall rules can match`,
    );
  return name;
}

const readGatewayMode = (options: Options, family: Family): GatewayMode =>
  readParsedWord(options, key(`gateway_mode_ipv${family}`), {
    words: ['nat', 'nat-unprotected', 'routed', 'isolated'],
    otherwise: 'nat',
    unknown: (mode) => `unknown gateway mode ${mode}`,
  });

function readTrusted(options: Options): readonly string[] {
  const option = key('trusted_host_interfaces');
  const names = (options[option] ?? '').split(':').filter(Boolean);
  const wrong = names.find((name) => !isMatchableLinkName(name));
  if (wrong !== undefined)
    throw fail(
      'NETWORK_OPTION_INVALID',
      `failed to parse ${option} value: ${options[option]} (${JSON.stringify(wrong)} is not a link name that firewall rules can match)`,
    );
  return names;
}

/** As in Docker 28, an address of the wrong family is ignored. */
function readBinding6(options: Options): string {
  const address = readIp(options, key('host_binding_ipv6'));
  return address && familyOf(address) === 6 ? address : '';
}

const sources = (options: Options): ByFamily<string> => ({
  4: readIpOf(options, 'com.docker.network.host_ipv4', 4),
  6: readIpOf(options, 'com.docker.network.host_ipv6', 6),
});

function policyOf(options: Options): Pick<Forwarding, 'policy'> {
  const policy = readPolicy(options[policyOption]);
  return policy ? { policy } : {};
}

/** Unknown options are kept and ignored, as in Docker. Throws NETWORK_OPTION_INVALID. */
export const readBridgeOptions = (options: Options): BridgeOptions => ({
  name: readName(options),
  defaultBridge: readBoolean(options, key('default_bridge'), false),
  icc: readBoolean(options, key('enable_icc'), true),
  masquerade: readBoolean(options, key('enable_ip_masquerade'), true),
  inhibitIpv4: readBoolean(options, key('inhibit_ipv4'), false),
  binding: { 4: readIp(options, key('host_binding_ipv4')), 6: readBinding6(options) },
  source: sources(options),
  mode: { 4: readGatewayMode(options, 4), 6: readGatewayMode(options, 6) },
  trusted: readTrusted(options),
  ...policyOf(options),
  mtu: readMtu(options),
  prefix: readPrefix(options),
});
