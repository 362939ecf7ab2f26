/** The kernel's forwarding sysctls: set where networks need them, and reset by `--remove-all`. */
import type { Namespace } from '../kernel/kernel.ts';
import { isOnHost } from '../model/host-routes.ts';
import type { View } from '../model/tables.ts';
import type { Family } from '../net/family.ts';

type Sysctls = Pick<Namespace, 'readSysctl' | 'writeSysctl'>;

const keys: Readonly<Record<Family, readonly string[]>> = {
  4: ['net/ipv4/ip_forward'],
  6: ['net/ipv6/conf/default/forwarding', 'net/ipv6/conf/all/forwarding'],
};

/** Families that networks need forwarded and that are not. */
export function closedFamilies(view: Pick<View, 'all' | 'drivers'>, host: Sysctls): readonly Family[] {
  const networks = [...view.all('networks')].filter(
    (network) => !network.internal && isOnHost(view.drivers, network),
  );
  const needed = ([4, 6] as const).filter((family) =>
    networks.some(({ enableIPv4, enableIPv6 }) => (family === 4 ? enableIPv4 : enableIPv6)),
  );
  return needed.filter((family) => keys[family].some((key) => host.readSysctl(key) === '0'));
}

/** Resolves with the number of actions. */
export function setForwarding(
  family: Family,
  value: '0' | '1',
  { host, trace }: { readonly host: Sysctls; trace(line: string): void },
): number {
  const changed = keys[family].filter((key) => {
    const before = host.readSysctl(key);
    return before !== undefined && before !== value;
  });
  for (const key of changed) {
    trace(`act=change kind=sysctl ns=host key=${key} value=${host.readSysctl(key)}->${value}`);
    host.writeSysctl(key, value);
  }
  return changed.length;
}
