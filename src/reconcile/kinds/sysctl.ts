/** Sysctls are set and not removed. Former values of host-wide ones are recorded (`host-settings.ts`). */
import { fail } from '../../errors.ts';
import { leastMtuOfIPv6 } from '../../net/mtu.ts';
import type { SysctlObject } from '../../objects/object.ts';
import { holdsWithoutIPv6, linkOfSysctl } from '../../objects/sysctl.ts';
import type { Handles } from '../handles.ts';
import type { ActiveKind } from './kind.ts';

function write({ ns, key, value }: SysctlObject, handles: Handles): void {
  const namespace = handles.namespace(ns);
  const link = key.startsWith('net/ipv6/') ? linkOfSysctl(key) : '';
  if (link !== '' && namespace.readSysctl(key) === undefined) {
    const { mtu } = namespace.route.findLink(link) ?? {};
    if (mtu !== undefined && holdsWithoutIPv6({ key, value })) return;
    if (mtu !== undefined && mtu < leastMtuOfIPv6)
      throw fail(
        'KERNEL',
        `set up IPv6 on link "${link}"`,
        `its MTU is ${mtu}, and IPv6 needs at least ${leastMtuOfIPv6}`,
      );
  }
  const isHostWide = ns === 'host' && !key.includes('/conf/');
  (isHostWide ? handles.settings : namespace).writeSysctl(key, value);
}

export const sysctl: ActiveKind<'sysctl'> = {
  /** Reads only the wanted ones. */
  observe: ({ handles, desired }) =>
    desired.flatMap((object) => {
      if (object.kind !== 'sysctl') return [];
      const namespace = handles.find(object.ns);
      if (!namespace) return [];
      const value = namespace.readSysctl(object.key);
      if (value !== undefined) return [{ ...object, value }];
      const link = holdsWithoutIPv6(object) ? linkOfSysctl(object.key) : '';
      return link !== '' && namespace.route.findLink(link) ? [object] : [];
    }),
  make: write,
  change: ({ object }, handles) => write(object, handles),
  remove: () => undefined,
};
