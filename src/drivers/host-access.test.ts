import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';

const pub = (more: Record<string, string> = {}, pools: Record<string, unknown>[] = [{}]) => {
  const here = world();
  return here.network('pub', {
    driver: 'macvlan',
    options: { 'seaway.host_access': 'true', ...more },
    ipam: {
      driver: '',
      options: {},
      pools: pools.map((pool) => ({ subnet: '192.0.2.0/24', auxAddresses: {}, ...pool })),
    },
  });
};

describe("the host's way to its macvlan endpoints", () => {
  it('has an address of the network reserved for it, from the range that endpoints have', () => {
    const [pool] = pub({}, [{ gateway: '192.0.2.1', ipRange: '192.0.2.64/26' }]).ipam.pools;
    expect(pool?.auxAddresses).toEqual({ host: '192.0.2.64' });
  });

  it('has the address that the user has reserved under that name', () => {
    const [pool] = pub({}, [{ auxAddresses: { host: '192.0.2.9' } }]).ipam.pools;
    expect(pool?.auxAddresses).toEqual({ host: '192.0.2.9' });
  });

  it('is not there unless it is asked for', () => {
    expect(pub({ 'seaway.host_access': 'false' }).ipam.pools[0]?.auxAddresses).toEqual({});
  });

  it.each(['private', 'vepa'])('is refused in mode %s, where no neighbour is heard', (mode) => {
    expect(() => pub({ macvlan_mode: mode })).toThrow(
      `seaway.host_access needs macvlan_mode bridge, not ${mode}`,
    );
  });
});
