import { describe, expect, it } from 'vitest';
import { hex, overlayNetwork } from '../../test/cluster/host.ts';
import type { Network } from '../model/network.ts';
import { defeats, sharedBy } from './rivals.ts';

/** `age`: the lower, the older. */
const net = (name: string, age: number, vni: number, subnet: string): Network =>
  overlayNetwork(name, {
    id: hex(`${name}${age}`),
    created: `2026-01-0${age}T00:00:00.000000000Z`,
    overlay: { vnis: [vni], mtu: 1450, encrypted: false },
    ipam: { driver: 'default', options: null, pools: [{ subnet, auxAddresses: {} }] },
  });

const lost = (networks: readonly Network[]) =>
  Array.from(defeats(networks).values(), ({ network, to, shared }) => [network.name, to.name, shared]);

describe('networks that cannot exist side by side', () => {
  it('are those with one name, VXLAN id or address', () => {
    const one = net('one', 1, 256, '10.0.0.0/24');
    const with_ = (other: Network): string | undefined => sharedBy(one, other);
    expect(with_(one)).toBeUndefined();
    expect(with_(net('two', 2, 257, '10.0.1.0/24'))).toBeUndefined();
    expect(with_(net('one', 2, 257, '10.0.1.0/24'))).toBe('the name one');
    expect(with_(net('two', 2, 256, '10.0.1.0/24'))).toBe('the VXLAN id 256');
    expect(with_(net('two', 2, 257, '10.0.0.128/25'))).toBe('addresses of 10.0.0.0/24');
    expect(with_(net('two', 2, 257, '10.0.0.0/8'))).toBe('addresses of 10.0.0.0/24');
    expect(with_(net('six', 2, 257, 'fd00::/64'))).toBeUndefined();
  });

  it('give way to the older one, which every host finds in any order', () => {
    const all = [
      net('young', 3, 300, '10.0.0.0/16'),
      net('old', 1, 301, '10.0.3.0/24'),
      net('apart', 2, 302, '10.9.0.0/24'),
    ];
    for (const networks of [all, all.toReversed()])
      expect(lost(networks)).toEqual([['young', 'old', 'addresses of 10.0.0.0/16']]);
  });

  it('give way to a younger one where no container is on them: a backup may have brought them back', () => {
    const [old, young] = [net('one', 1, 256, '10.0.0.0/24'), net('one', 2, 257, '10.0.1.0/24')];
    const all = [old, { ...young, used: true }];
    expect(Array.from(defeats(all).values(), ({ network }) => network.id)).toEqual([old.id]);
  });

  it('take nothing from others once they give way', () => {
    const chain = [
      net('first', 1, 300, '10.0.0.0/24'),
      net('second', 2, 300, '10.1.0.0/16'),
      net('third', 3, 301, '10.1.7.0/24'),
    ];
    expect(lost(chain)).toEqual([['second', 'first', 'the VXLAN id 300']]);
  });
});
