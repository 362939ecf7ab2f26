import { expect, it } from 'vitest';
import type { Namespace } from '../kernel/kernel.ts';
import type { KernelObject } from '../objects/object.ts';
import { SysctlWatch } from './sysctl-watch.ts';

const forward = 'net/ipv6/conf/br0/disable_ipv6';
const local = 'net/ipv4/conf/br0/route_localnet';
const host = 'net/bridge/bridge-nf-call-iptables';

const sysctl = (key: string, ns = 'host'): KernelObject => ({ kind: 'sysctl', ns, key, value: '1' });

function watching() {
  const open = new Map<string, () => void>();
  const told: string[] = [];
  let namespace = {} as Namespace;
  const watch = new SysctlWatch({
    kernel: {
      watchSysctl: (key, { changed }) => {
        open.set(key, changed);
        return () => open.delete(key);
      },
    },
    namespaceOf: () => namespace,
    changed: (scopes) => told.push(...scopes),
  });
  const follow = (name: string, ...desired: KernelObject[]): void => watch.follow({ name, desired });
  const renew = (): void => {
    namespace = {} as Namespace;
  };
  return { watch, open, told, follow, renew };
}

it('watches the sysctls of host and links, and those that change all links', () => {
  const { open, told, follow } = watching();
  follow('network:1', sysctl(forward), sysctl(local), sysctl(host), sysctl('net/ipv4/ip_forward', 'box'));
  expect([...open.keys()].sort()).toEqual([forward, local, host, 'net/ipv6/conf/all/disable_ipv6'].sort());
  follow('network:2', sysctl(host));
  open.get(host)?.();
  expect(told).toEqual(['network:1', 'network:2']);
});

it('watches the files of a link again that was made again', () => {
  const { watch, open, follow } = watching();
  follow('network:1', sysctl(local), sysctl(host));
  watch.forgetLink('network:x', 'br0');
  expect(open.has(local)).toBe(true);
  watch.forgetLink('host', 'br0');
  expect([...open.keys()]).toEqual([host]);
  follow('network:1', sysctl(local));
  expect(open.has(local)).toBe(true);
});

it('watches in the namespace that a network has now', () => {
  const { open, follow, renew, told } = watching();
  follow('network:1', sysctl(local, 'network:1'));
  const before = open.get(local);
  renew();
  follow('network:1', sysctl(local, 'network:1'));
  expect(open.get(local)).not.toBe(before);
  open.get(local)?.();
  expect(told).toEqual(['network:1']);
});

it('ends the watches that no scope needs any more', () => {
  const { watch, open, follow } = watching();
  follow('network:1', sysctl(local));
  follow('network:2', sysctl(host));
  watch.forgetScopes((scope) => scope === 'network:2');
  expect([...open.keys()]).toEqual([host]);
});
