/** Completes a `DaemonConfig` with Docker's defaults and the engine's own paths. */

import { defaultPools } from '../ipam/choose-pool.ts';
import type { PublishPolicy } from '../model/publish-policy.ts';
import { formatAddress, readAddress } from '../net/address.ts';
import type { BridgeConfig, DaemonConfig, FirewallBackendChoice, LogLevel, TlsConfig } from './config.ts';
import type { Given } from './settings.ts';

export const defaultConfigFile = '/etc/seaway/daemon.json';
const defaultSocket = 'unix:///run/seaway/engine.sock';
const builtInRuntimes = { runc: { path: 'runc', args: [] } };
/** As dockerd's. */
const pluginFolders = ['/run/docker/plugins', '/etc/docker/plugins', '/usr/lib/docker/plugins'];
const certificates = '/root/.docker';

/** Canonical text of an address; any other text is returned unchanged for the checks. */
function canonical(text = ''): string {
  const address = readAddress(text);
  return address ? formatAddress(address) : text;
}

function bridgeOf(given: Given): BridgeConfig {
  return {
    name: given.bridge ?? '',
    bip: given.bip ?? '',
    bip6: given.bip6 ?? '',
    fixedCidr: given.fixedCidr ?? '',
    fixedCidrV6: given.fixedCidrV6 ?? '',
    defaultGateway: given.defaultGateway ?? '',
    defaultGatewayV6: canonical(given.defaultGatewayV6),
    icc: given.icc ?? true,
    ipMasq: given.ipMasq ?? true,
    mtu: given.mtu ?? 0,
    ip: canonical(given.ip),
    ipv6: given.ipv6 ?? false,
    acceptFwmark: given.acceptFwmark ?? '',
  };
}

function tlsOf(given: Given): TlsConfig {
  const verify = given.tlsVerify ?? false;
  return {
    enabled: verify || (given.tls ?? false),
    verify,
    caCert: given.tlsCaCert ?? `${certificates}/ca.pem`,
    cert: given.tlsCert ?? `${certificates}/cert.pem`,
    key: given.tlsKey ?? `${certificates}/key.pem`,
  };
}

/** Adds Docker's default port to TCP addresses: 2376 with TLS, 2375 without. */
function hostsOf(given: Given, tls: boolean): readonly string[] {
  const asked = given.hosts ?? [];
  return (asked.length === 0 ? [''] : asked).map((host) => {
    if (host === '') return defaultSocket;
    const bare = /^tcp:\/\/(?:\[[^\]]*\]|[^:/]*)$/.test(host);
    return bare ? `${host}:${tls ? 2376 : 2375}` : host;
  });
}

/** Fills in the defaults. `brokenRule` validates the result. */
export function configOf(
  given: Given,
  from: { readonly configFile: string; readonly ignored: readonly string[] },
): DaemonConfig {
  const tls = tlsOf(given);
  const execRoot = given.execRoot || '/run/seaway';
  return {
    ...containersOf(given),
    hosts: hostsOf(given, tls.enabled),
    dataRoot: given.dataRoot || '/var/lib/seaway',
    execRoot,
    pidfile: given.pidfile || `${execRoot}/seaway.pid`,
    configFile: from.configFile,
    group: given.group ?? 'docker',
    debug: given.debug ?? false,
    logLevel: (given.logLevel || (given.debug ? 'debug' : 'info')) as LogLevel,
    logFormat: (given.logFormat || 'text') as 'text' | 'json',
    labels: given.labels ?? [],
    tls,
    ...networksOf(given),
    cluster: {
      store: given.clusterStore ?? '',
      advertise: given.clusterAdvertise ?? '',
      options: given.clusterStoreOpts ?? {},
    },
    swarm: {
      advertiseAddress: given.advertiseAddress ?? '',
      nodeGenericResources: given.nodeGenericResources ?? [],
    },
    metricsAddress: given.metricsAddress ?? '',
    experimental: given.experimental ?? false,
    features: given.features ?? {},
    ignored: from.ignored,
  };
}

function networksOf(given: Given) {
  const pools = given.defaultAddressPools ?? [];
  return {
    bridge: bridgeOf(given),
    iptables: given.iptables ?? true,
    ip6tables: given.ip6tables ?? true,
    ipForward: given.ipForward ?? true,
    ipForwardNoDrop: given.ipForwardNoDrop ?? false,
    userlandProxy: given.userlandProxy ?? true,
    firewallBackend: (given.firewallBackend ?? '') as FirewallBackendChoice,
    publishPolicy: (given.publishPolicy ?? 'open') as PublishPolicy,
    allowDirectRouting: given.allowDirectRouting ?? false,
    defaultAddressPools: pools.length > 0 ? pools : defaultPools,
    defaultNetworkOpts: given.defaultNetworkOpts ?? {},
    dns: given.dns ?? [],
    dnsSearch: given.dnsSearch ?? [],
    dnsOptions: given.dnsOptions ?? [],
    hostGatewayIPs: given.hostGatewayIPs ?? [],
    hostNames: given.hostNames ?? true,
  };
}

function containersOf(given: Given) {
  const folders = given.pluginFolders ?? [];
  return {
    pluginFolders: folders.length > 0 ? folders : pluginFolders,
    pluginTimeout: given.pluginTimeout ?? 10,
    liveRestore: given.liveRestore ?? false,
    defaultRuntime: given.defaultRuntime || 'runc',
    runtimes: { ...builtInRuntimes, ...given.runtimes },
    defaultUlimits: given.defaultUlimits ?? [],
    defaultShmSize: given.defaultShmSize || 64 * 1024 * 1024,
    defaultIpcMode: (given.defaultIpcMode || 'private') as DaemonConfig['defaultIpcMode'],
    defaultCgroupnsMode: (given.defaultCgroupnsMode ?? '') as DaemonConfig['defaultCgroupnsMode'],
    cgroupParent: given.cgroupParent ?? '',
    execOpts: given.execOpts ?? [],
    init: given.init ?? false,
    initPath: given.initPath ?? '',
    logDriver: given.logDriver || 'json-file',
    logOpts: given.logOpts ?? {},
    seccompProfile: given.seccompProfile ?? '',
    apparmorProfile: given.apparmorProfile ?? '',
    noNewPrivileges: given.noNewPrivileges ?? false,
    shutdownTimeout: given.shutdownTimeout ?? 15,
    insecureRegistries: given.insecureRegistries ?? [],
    registryMirrors: given.registryMirrors ?? [],
    proxies: {
      httpProxy: given.httpProxy ?? '',
      httpsProxy: given.httpsProxy ?? '',
      noProxy: given.noProxy ?? '',
    },
    maxConcurrentDownloads: given.maxConcurrentDownloads ?? 3,
    maxDownloadAttempts: given.maxDownloadAttempts ?? 5,
  };
}
