/** Settings that mean something and that this engine cannot honour: refused by name, or named in the log. */
import type { DaemonConfig } from '../config/config.ts';
import { fail } from '../errors.ts';

/** Throws NOT_SUPPORTED for what would leave the user with less than was asked. */
export function refuseUnsupported(config: DaemonConfig): void {
  if (config.tls.enabled || config.tls.verify) throw fail('NOT_SUPPORTED', 'TLS (--tls, --tlsverify)');
  if (config.firewallBackend === 'nftables')
    throw fail('NOT_SUPPORTED', 'the nftables backend (--firewall-backend nftables)');
  if (config.defaultRuntime !== 'runc')
    throw fail(
      'NOT_SUPPORTED',
      `a default runtime other than runc (--default-runtime ${config.defaultRuntime})`,
    );
  if (config.metricsAddress !== '') throw fail('NOT_SUPPORTED', 'a metrics address (--metrics-addr)');
}

/** Flags that do no harm unhonoured; to be logged once. */
export function unhonoured(config: DaemonConfig): readonly string[] {
  return [
    ...(config.registryMirrors.length > 0 ? ['registry-mirror'] : []),
    ...(config.logFormat === 'json' ? ['log-format'] : []),
    ...(Object.keys(config.runtimes).some((name) => name !== 'runc') ? ['add-runtime'] : []),
  ];
}
