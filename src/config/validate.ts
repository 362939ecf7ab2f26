/** Rules for the settings as a whole: combinations, ranges, fixed choices. */

import { isIPv4, isIPv6 } from 'node:net';
import { parseMark } from '../firewall/mark.ts';
import { cut } from '../flags/kinds.ts';
import { isMatchableLinkName } from '../net/link-name.ts';
import { familyOfCidr } from './checks.ts';
import type { DaemonConfig } from './config.ts';

type Rule = (config: DaemonConfig) => string | undefined;

const oneOf = (value: string, allowed: readonly string[], why: string): string | undefined =>
  allowed.includes(value) ? undefined : why;

function cidr(value: string, family: 4 | 6, flag: string): string | undefined {
  if (value === '') return undefined;
  try {
    if (familyOfCidr(value) === family) return undefined;
  } catch {}
  return `invalid --${flag}: invalid CIDR address: ${value}`;
}

function conflictingLabels({ labels }: DaemonConfig): string | undefined {
  const seen = new Map<string, string>();
  for (const entry of labels) {
    const key = cut(entry, '=')[0];
    const other = seen.get(key);
    if (other !== undefined && other !== entry) return `conflict labels for ${entry} and ${other}`;
    seen.set(key, entry);
  }
  return undefined;
}

function fwmark(value: string): string | undefined {
  try {
    parseMark(value);
    return undefined;
  } catch {
    return `invalid firewall mark "${value}"`;
  }
}

const rules: readonly Rule[] = [
  ({ logLevel }) =>
    oneOf(logLevel, ['debug', 'info', 'warn', 'error', 'fatal'], `invalid logging level: ${logLevel}`),
  ({ logFormat }) => oneOf(logFormat, ['text', 'json'], `invalid log format: ${logFormat}`),
  ({ publishPolicy }) => oneOf(publishPolicy, ['open', 'host'], `invalid --publish-policy: ${publishPolicy}`),
  conflictingLabels,
  ({ bridge }) => cidr(bridge.bip, 4, 'bip'),
  ({ bridge }) => cidr(bridge.bip6, 6, 'bip6'),
  ({ bridge }) => cidr(bridge.fixedCidr, 4, 'fixed-cidr'),
  ({ bridge }) => cidr(bridge.fixedCidrV6, 6, 'fixed-cidr-v6'),
  ({ bridge }) => fwmark(bridge.acceptFwmark),
  ({ bridge: { defaultGateway } }) =>
    defaultGateway === '' || isIPv4(defaultGateway)
      ? undefined
      : `invalid --default-gateway: ${defaultGateway} is not an IPv4 address`,
  ({ bridge: { defaultGatewayV6 } }) =>
    defaultGatewayV6 === '' || isIPv6(defaultGatewayV6)
      ? undefined
      : `invalid --default-gateway-v6: ${defaultGatewayV6} is not an IPv6 address`,
  ({ bridge }) =>
    bridge.name !== '' && (bridge.bip !== '' || bridge.bip6 !== '')
      ? 'You specified -b & --bip, mutually exclusive options. Please specify only one'
      : undefined,
  ({ bridge, iptables }) =>
    !bridge.icc && !iptables
      ? 'You specified --iptables=false with --icc=false. ICC=false uses iptables to function. Please set --icc or --iptables to true'
      : undefined,
  ({ bridge: { name } }) =>
    name === '' || isMatchableLinkName(name)
      ? undefined
      : `invalid --bridge: ${JSON.stringify(name)} is not a link name that firewall rules can match`,
  // ETH_MIN_MTU and ETH_MAX_MTU, linux/if_ether.h
  ({ bridge: { mtu } }) =>
    mtu !== 0 && (mtu < 68 || mtu > 65535) ? `invalid default MTU: ${mtu}` : undefined,
  ({ bridge: { mtu, ipv6 } }) =>
    ipv6 && mtu !== 0 && mtu < 1280 ? `invalid default MTU: ${mtu}: IPv6 needs at least 1280` : undefined,
  ({ cluster: { store, advertise } }) =>
    store === '' && advertise !== ''
      ? 'invalid cluster configuration. --cluster-advertise must be accompanied by --cluster-store configuration'
      : undefined,
  ({ maxConcurrentDownloads: n }) => (n < 0 ? `invalid max concurrent downloads: ${n}` : undefined),
  ({ maxDownloadAttempts: n }) => (n <= 0 ? `invalid max download attempts: ${n}` : undefined),
  ({ pluginTimeout: n }) => (n <= 0 ? `invalid plugin timeout: ${n}` : undefined),
  ({ pluginFolders }) => {
    const relative = pluginFolders.find((path) => !path.startsWith('/'));
    return relative === undefined
      ? undefined
      : `invalid --plugin-folder: ${relative} is not an absolute path`;
  },
  ({ defaultIpcMode: mode }) =>
    oneOf(
      mode,
      ['private', 'shareable'],
      `default IPC mode setting (${mode}) is invalid; use "shareable" or "private"`,
    ),
  ({ defaultCgroupnsMode: mode }) =>
    oneOf(
      mode,
      ['', 'host', 'private'],
      `default cgroup namespace mode (${mode}) is invalid; use "host" or "private"`,
    ),
  ({ firewallBackend: backend }) =>
    oneOf(backend, ['', 'iptables', 'nftables'], `invalid firewall-backend "${backend}"`),
  ({ defaultRuntime, runtimes }) =>
    Object.hasOwn(runtimes, defaultRuntime)
      ? undefined
      : `specified default runtime '${defaultRuntime}' does not exist`,
  ({ hostGatewayIPs: ips }) =>
    ips.filter(isIPv4).length > 1 || ips.filter(isIPv6).length > 1
      ? 'only one IPv4 and one IPv6 host gateway IP address can be specified'
      : undefined,
];

/** The message of the first rule that the settings break, in dockerd's words; undefined for valid settings. */
export function brokenRule(config: DaemonConfig): string | undefined {
  for (const rule of rules) {
    const why = rule(config);
    if (why !== undefined) return why;
  }
  return undefined;
}
